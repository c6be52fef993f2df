import type { Mode } from '../../contracts/generation.ts';
import type { SecretVersion } from '../../store/webhook-endpoints.ts';
import type { ServiceParts } from '../parts.ts';

type SecretParts = Pick<ServiceParts, 'deriveSecret' | 'clock'>;

/** Whose secret it is: an endpoint's, or the one for the `webhook_url` of an account's jobs. */
export const secretOwner = {
  endpoint: (id: string): string => id,
  jobs: (account_id: string, mode: Mode): string => `${account_id}:${mode}`,
} as const;

/** As Standard Webhooks writes it. Derived, so that no copy of the database can sign. */
export function signingSecret({ deriveSecret }: Pick<SecretParts, 'deriveSecret'>, owner: string, version: number) {
  return `whsec_${deriveSecret(`webhook:${owner}:${version}`).toString('base64')}`;
}

/** All that sign now, the newest first: the one before it too, while its grace lasts. */
export function signingSecrets(parts: SecretParts, owner: string, version: SecretVersion): readonly string[] {
  const { secret_version } = version;
  const versions = previousUntil(parts, version) === null ? [secret_version] : [secret_version, secret_version - 1];
  return versions.map((one) => signingSecret(parts, owner, one));
}

/** Until when the secret before it signs too; null = it does not. */
export function previousUntil({ clock }: Pick<SecretParts, 'clock'>, { previous_until }: SecretVersion): Date | null {
  return previous_until !== null && previous_until.getTime() > clock.now() ? previous_until : null;
}
