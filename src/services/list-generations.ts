import type { RequestQuery } from '../contracts/requests.ts';
import type { GenerationListing, Principal } from '../contracts/services.ts';
import { viewGenerations } from './get-generation.ts';
import { listRequests } from './list-requests.ts';
import type { ServiceParts } from './parts.ts';

/** A page of the history as whole resources, without those that were deleted. */
export async function listGenerations(
  parts: ServiceParts,
  principal: Principal,
  query: RequestQuery,
): Promise<GenerationListing> {
  const { requests, has_older } = await listRequests(parts, principal, { ...query, without_deleted: true });
  const ids = requests.map(({ id }) => id);
  return { generations: await viewGenerations(parts, principal.account_id, ids), has_more: has_older };
}
