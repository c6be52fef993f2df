/** What signs for the `webhook_url` of single jobs: one secret for each account and mode. */
import type { Mode } from '../../contracts/generation.ts';
import type { Principal } from '../../contracts/services.ts';
import type { JobSecretView } from '../../contracts/webhooks.ts';
import { GessoError } from '../../core/errors.ts';
import { findJobSecret, rotateJobSecret as rotateRow, type SecretVersion } from '../../store/webhook-endpoints.ts';
import type { ServiceParts } from '../parts.ts';
import { visibleModes } from '../visible-modes.ts';
import { previousUntil, secretOwner, signingSecret } from './signing-secrets.ts';

type SecretParts = Pick<ServiceParts, 'db' | 'deriveSecret' | 'clock'>;

export async function getJobSecret(parts: SecretParts, principal: Principal, wanted?: Mode): Promise<JobSecretView> {
  const mode = modeOf(principal, wanted);
  return view(parts, principal, mode, await findJobSecret(parts.db, principal.account_id, mode));
}

export async function rotateJobSecret(
  parts: SecretParts,
  principal: Principal,
  grace_ms: number,
  wanted?: Mode,
): Promise<JobSecretView> {
  const mode = modeOf(principal, wanted);
  return view(parts, principal, mode, await rotateRow(parts.db, principal.account_id, mode, grace_ms));
}

/** Who sees both and says nothing means live. */
function modeOf(principal: Principal, wanted?: Mode): Mode {
  const [mode] = visibleModes(principal, wanted);
  if (mode !== undefined) return mode;
  throw new GessoError('invalid_value', `This key sees the mode ${principal.mode} only.`, { param: 'mode' });
}

function view(parts: SecretParts, { account_id }: Principal, mode: Mode, version: SecretVersion): JobSecretView {
  return {
    mode,
    secret: signingSecret(parts, secretOwner.jobs(account_id, mode), version.secret_version),
    previous_secret_until: previousUntil(parts, version),
  };
}
