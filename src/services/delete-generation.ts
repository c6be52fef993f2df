import type { Principal } from '../contracts/services.ts';
import { hideGeneration } from '../store/generations.ts';
import type { ServiceParts } from './parts.ts';
import { purgePayloads } from './purge-payloads.ts';

/**
 * Prompt, parameters and pictures are gone, and the generation is not found any more; what it cost stays in the history.
 * Throws as purging does: `not_found` for a stranger's, `request_in_progress` for one that has not ended.
 */
export async function deleteGeneration(parts: ServiceParts, principal: Principal, id: string): Promise<void> {
  await purgePayloads(parts, principal, id);
  await hideGeneration(parts.db, id, new Date(parts.clock.now()));
}
