/** AUTOMATIC1111 and Forge with `--api`: synchronous, base64 PNG, the first of several pictures may be a grid. */
import { a1111Routes } from './a1111-routes.ts';
import { type ActTable, type ProviderServer, type ServerOptions, startServer } from './kit.ts';
import type { Reply } from './wire.ts';

export interface A1111Options extends ServerOptions {
  /** Asks for HTTP Basic authentication with `key` as `user:password`, as `--api-auth` does. */
  readonly basic?: boolean;
  /** Puts a grid before several pictures unless the call turns it off; absent = true. */
  readonly grid?: boolean;
}

/** `base_url` has no path; no key unless `basic`. */
export function startA1111Server(options: A1111Options = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => ({
    provider: 'a1111',
    base_path: '',
    key: options.basic === true ? 'user:password' : '',
    unknown_fields: 'ignore',
    delivers: 'base64',
    acts,
    acted_by_routes: [{ empty: ['no_images'], partial: ['fewer'] }],
    authorized: ({ headers }, key) =>
      options.basic !== true || headers.authorization === `Basic ${Buffer.from(key).toString('base64')}`,
    unauthorized: () => unauthorized(),
    notFound: () => ({ status: 404, json: { detail: 'Not Found' } }),
    routes: a1111Routes(stage, { validation: 'fastapi', grid: options.grid ?? true }),
  }));
}

const unauthorized = (): Reply => ({
  status: 401,
  json: { detail: 'Incorrect username or password' },
  headers: { 'www-authenticate': 'Basic' },
});

const failed = (error: string, errors: string): Reply => ({
  status: 500,
  json: { error, detail: '', body: '', errors },
});

const acts: ActTable = {
  auth: { '401': unauthorized },
  config: { checkpoint: () => failed('RuntimeError', 'No checkpoints found.') },
  invalid_request: {
    sampler: () => ({ status: 404, json: { detail: 'Sampler not found' } }),
    image: () => ({ status: 500, json: { detail: 'Invalid encoded image' } }),
  },
  unavailable: {
    OutOfMemoryError: () => failed('OutOfMemoryError', 'CUDA out of memory. Tried to allocate 2.00 GiB'),
    '500': () => failed('RuntimeError', 'Expected all tensors to be on the same device'),
  },
};
