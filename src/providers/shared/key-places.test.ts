/** Where the key goes, as the only way out sees it. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import { createAdapterParts } from './create-adapter-parts.ts';

const asked: { readonly url: string; readonly origin: string; readonly key: string | undefined }[] = [];
const record: GuardedFetch = async (url, { origin, headers }) => {
  asked.push({ url, origin, key: headers?.authorization });
  return { status: 200, headers: {}, body: Readable.from([]), url };
};

const { send } = createAdapterParts({
  provider: 'someone',
  base_url: 'https://api.example.com/v1',
  auth: { authorization: 'secret' },
  takesKey: (url, base) => base.hostname === 'api.example.com' && url.hostname.endsWith('.example.com'),
  guardedFetch: record,
  openPicture: async () => Readable.from([]),
  clock: { now: () => 0 },
});
const context = { signal: new AbortController().signal, keep: () => Promise.reject(new Error('nothing is kept')) };

it.each([
  ['/draw', 'https://api.example.com/v1/draw', 'config', true],
  ['https://api.example.com/jobs/1', 'https://api.example.com/jobs/1', 'config', true],
  ['https://us1.example.com/jobs/1', 'https://us1.example.com/jobs/1', 'upstream', true],
  ['http://us1.example.com/jobs/1', 'http://us1.example.com/jobs/1', 'upstream', false],
  ['http://api.example.com/jobs/1', 'http://api.example.com/jobs/1', 'upstream', false],
  ['https://api.example.com:8443/jobs/1', 'https://api.example.com:8443/jobs/1', 'upstream', false],
  ['https://example.com.evil.test/jobs/1', 'https://example.com.evil.test/jobs/1', 'upstream', false],
  ['https://evil.test/?https://api.example.com', 'https://evil.test/?https://api.example.com', 'upstream', false],
  ['//evil.test/jobs/1', 'https://api.example.com/v1//evil.test/jobs/1', 'config', true],
  ['not a url', 'not a url', 'upstream', false],
])('%s is asked for at %s, as %s, with the key: %s', async (given, url, origin, hasKey) => {
  asked.length = 0;
  await send({ method: 'GET', url: given, timeout_ms: 1_000, may_bill: false }, context);
  expect(asked).toEqual([{ url, origin, key: hasKey ? 'secret' : undefined }]);
});
