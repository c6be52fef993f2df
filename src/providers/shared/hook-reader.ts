/** What the readers of providers' webhooks have in common. */
import { z } from 'zod';
import type { AdapterParts, HookReader } from '../../contracts/provider.ts';
import type { SettingValues } from '../../core/settings.ts';
import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import type { providerWebhookSettings } from './webhook-settings.ts';

export type CreateHookReader = (parts: HookParts) => HookReader;

export interface HookParts {
  /** For what is asked with our key. */
  readonly adapter: Pick<AdapterParts, 'provider' | 'send'>;
  readonly guardedFetch: GuardedFetch;
  readonly now: () => number;
  readonly settings: SettingValues<typeof providerWebhookSettings>;
}

const LEEWAY_S = 300;

/** Whether a signed time, in seconds since the epoch as text, is no recording's. `now` is in milliseconds. */
export function isRecent(seconds: string | undefined, now: number): boolean {
  return /^\d{1,12}$/.test(seconds ?? '') && Math.abs(now / 1000 - Number(seconds)) <= LEEWAY_S;
}

/** A provider's id of a job, short enough to be passed on between processes. */
export const jobIdSchema = z.string().min(1).max(200);

/** Undefined for what is not JSON. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
