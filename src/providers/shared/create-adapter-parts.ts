/** What every adapter is made of: one way to send, with the key where it belongs, and the clock. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../contracts/clock.ts';
import type { AdapterParts, ProviderRequest } from '../../contracts/provider.ts';
import type { FetchRequest, GuardedFetch } from '../../net/guarded-fetch.ts';
import type { AdapterModule } from './adapter-module.ts';
import { readAsEvents, readAsJson } from './answer-reader.ts';
import { encodeForm } from './form-body.ts';
import { type EncodedBody, encodeJson, type OpenPicture } from './json-body.ts';
import { sendFault } from './send-fault.ts';

export interface AdapterPartsOptions {
  readonly provider: string;
  /** Without a slash at the end. */
  readonly base_url: string;
  /** The headers that carry the key; they go to the base URL's origin alone, and where `takesKey` says. */
  readonly auth: Readonly<Record<string, string>>;
  readonly takesKey?: AdapterModule['takesKey'];
  readonly guardedFetch: GuardedFetch;
  readonly openPicture: OpenPicture;
  readonly clock: Clock;
}

/** Of one answer, as it comes: fifteen pictures of the largest kind in base64. Nothing of it lies in memory. */
const ANSWER_BYTES_MAX = 1024 * 1024 * 1024;

export function createAdapterParts(options: AdapterPartsOptions): AdapterParts {
  const { provider, base_url, guardedFetch, clock } = options;
  return {
    provider,
    base_url,
    now: () => clock.now(),
    delay: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
    send: async (request, { signal, keep }) => {
      const { timeout_ms, may_bill, method } = request;
      const { url, origin, auth } = addressOf(request.url, options);
      try {
        const { status, headers, body } = await guardedFetch(url, {
          origin,
          method,
          ...bodyOf(request, auth, options.openPicture),
          bytes_max: ANSWER_BYTES_MAX,
          timeout_ms,
          // Providers are silent while they draw.
          idle_ms: timeout_ms,
          // A redirect of anything else than a question means that the base URL is wrong.
          ...(method === 'GET' ? {} : { redirects_max: 0 }),
          signal,
        });
        const reader = { provider, body, keep, may_bill };
        return { status, headers, body, json: () => readAsJson(reader), events: () => readAsEvents(reader) };
      } catch (error) {
        throw sendFault(error, provider, may_bill);
      }
    },
  };
}

/** Only the operator's own address is trusted, and only it gets the key: whatever a provider's answer names is a stranger. */
function addressOf(
  given: string,
  { base_url, auth, takesKey }: AdapterPartsOptions,
): { readonly url: string; readonly origin: FetchRequest['origin']; readonly auth: Readonly<Record<string, string>> } {
  const base = new URL(base_url);
  if (given.startsWith('/')) return { url: base_url + given, origin: 'config', auth };
  const url = URL.parse(given);
  if (url?.origin === base.origin) return { url: given, origin: 'config', auth };
  const isSibling = url?.protocol === 'https:' && url.port === '' && takesKey?.(url, base) === true;
  return { url: given, origin: 'upstream', auth: isSibling ? auth : {} };
}

function bodyOf(
  request: ProviderRequest,
  auth: Readonly<Record<string, string>>,
  open: OpenPicture,
): Pick<FetchRequest, 'headers' | 'body'> {
  const headers = { accept: 'application/json', ...request.headers, ...auth };
  const encoded = encode(request, open);
  if (encoded === null) return { headers };
  return {
    headers: { ...headers, 'content-type': encoded.content_type, 'content-length': String(encoded.bytes) },
    body: Readable.from(encoded.chunks(), { objectMode: false }),
  };
}

function encode({ json, pictures, form }: ProviderRequest, open: OpenPicture): EncodedBody | null {
  if (json !== undefined) return encodeJson(json, pictures, open);
  return form === undefined ? null : encodeForm(form, `gesso-${randomUUID()}`, open);
}
