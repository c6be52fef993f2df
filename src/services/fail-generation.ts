import { GessoError } from '../core/errors.ts';
import { failGeneration as markFailed } from '../store/generations.ts';
import type { Admitted } from './generate.ts';
import type { ServiceParts } from './parts.ts';

/** Ends an admitted generation that delivered nothing. Never throws: the caller has an error to tell already. */
export async function failGeneration(parts: ServiceParts, { id }: Admitted, error: unknown): Promise<void> {
  const told = error instanceof GessoError ? error : new GessoError('internal_error');
  try {
    await markFailed(parts.db, id, parts.lease.runner_id, {
      error: { code: told.code, message: told.message, param: told.param },
      completed_at: new Date(parts.clock.now()),
    });
  } catch (failure) {
    parts.log.error({ generation_id: id, err: failure }, 'a failed generation could not be marked as such');
  }
}
