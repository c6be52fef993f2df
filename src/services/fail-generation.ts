import { GessoError } from '../core/errors.ts';
import type { NamedAttemptEnd } from '../store/attempts.ts';
import type { Admitted } from './admitted.ts';
import { announceEnd } from './announce-end.ts';
import type { ServiceParts } from './parts.ts';
import { walletName } from './write-groups.ts';

/**
 * Ends an admitted generation that delivered nothing, where it is this process's still: nobody is told of the end of one
 * that another goes on with. Never throws: the caller has an error to tell already.
 */
export async function failGeneration(
  parts: ServiceParts,
  admitted: Admitted,
  error: unknown,
  attempts: readonly NamedAttemptEnd[],
): Promise<void> {
  const { id } = admitted;
  const told = error instanceof GessoError ? error : new GessoError('internal_error');
  try {
    const wasOurs = await parts.writes.ends.run(walletName(admitted), {
      id,
      attempts,
      status: told.code === 'canceled' ? 'canceled' : 'failed',
      error: { code: told.code, message: told.message, param: told.param },
      completed_at: new Date(parts.clock.now()),
    });
    if (wasOurs) announceEnd(parts, admitted);
  } catch (failure) {
    parts.log.error({ generation_id: id, err: failure }, 'a failed generation could not be marked as such');
  }
}
