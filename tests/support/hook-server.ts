/** A customer's server that takes webhooks: keeps what came, and answers as a test says. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Hook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HookServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** `127.0.0.1:port`, for GESSO_FETCH_ALLOW_HOSTS. */
  readonly host: string;
  /** All that came so far, oldest first. */
  readonly hooks: readonly Hook[];
  /** What is answered from now on; 200 at first. */
  answer: (hook: Hook, res: ServerResponse) => void;
  /** Resolves once `count` hooks have come to the path. */
  waitFor(count: number, path?: string): Promise<readonly Hook[]>;
  close(): Promise<void>;
}

const PATIENCE_MS = 10_000;

export async function startHookServer(): Promise<HookServer> {
  const hooks: Hook[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
      const hook = { path: req.url ?? '', headers, body: Buffer.concat(chunks).toString() };
      hooks.push(hook);
      self.answer(hook, res);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port.
  const self: HookServer = {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    hooks,
    answer: (_hook, res) => void res.end('ok'),
    async waitFor(count, path) {
      const until = Date.now() + PATIENCE_MS;
      for (;;) {
        const found = hooks.filter((hook) => path === undefined || hook.path === path);
        if (found.length >= count) return found;
        if (Date.now() > until) throw new Error(`${found.length} of ${count} hooks came to ${path ?? 'any path'}`);
        await delay(5);
      }
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return self;
}
