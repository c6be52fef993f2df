/** A customer's server for webhooks: checks every signature, and now and then fails or says nothing, each job's first time. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface HookArrival {
  /** `<customer>/<tag>`, as the job's URL ends. */
  readonly path: string;
  readonly is_signed: boolean;
  /** 2xx was answered: nobody needs to say it again. */
  readonly is_taken: boolean;
  readonly event_id: string;
  readonly type: string;
  readonly generation_id: string;
  readonly status: string;
}

export interface HookReceiver {
  /** Without a slash at the end. */
  readonly url: string;
  /** For GESSO_FETCH_ALLOW_HOSTS. */
  readonly host: string;
  /** In order. */
  readonly arrivals: readonly HookArrival[];
  /** What signs for a customer's jobs. */
  setSecret(customer: string, secret: string): void;
  close(): Promise<void>;
}

const FAILS = 0.15;
const HANGS = 0.06;
const ANSWER_MS_MAX = 700;

interface Event {
  readonly type: string;
  readonly data: { readonly id: string; readonly status?: string };
}

export async function startHookReceiver(random: () => number): Promise<HookReceiver> {
  const arrivals: HookArrival[] = [];
  const secrets = new Map<string, Webhook>();
  const seen = new Set<string>();

  const take = (path: string, headers: Record<string, string>, body: string, res: ServerResponse): void => {
    const event = verified(secrets.get(path.split('/')[0] ?? ''), body, headers);
    const draw = seen.has(path) ? 1 : random();
    seen.add(path);
    const is_taken = event !== null && draw >= FAILS + HANGS;
    arrivals.push({
      path,
      is_signed: event !== null,
      is_taken,
      event_id: headers['webhook-id'] ?? '',
      type: event?.type ?? '',
      generation_id: event?.data.id ?? '',
      status: event?.data.status ?? '',
    });
    const status = event === null ? 400 : is_taken ? 204 : draw < FAILS ? 500 : null;
    // Silence, until the other side has had enough.
    if (status === null) return;
    // Long enough for the sender to be killed meanwhile; what came to us has come, whoever hears that we said so.
    setTimeout(() => res.writeHead(status).end(), random() * ANSWER_MS_MAX).unref();
  };

  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    // One who was killed while sending has said nothing.
    req.on('error', () => undefined);
    req.on('end', () => {
      const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
      take((req.url ?? '').slice(1), headers, Buffer.concat(chunks).toString(), res);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port.
  const host = `127.0.0.1:${port}`;
  return {
    url: `http://${host}`,
    host,
    arrivals,
    setSecret: (customer, secret) => void secrets.set(customer, new Webhook(secret)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function verified(webhook: Webhook | undefined, body: string, headers: Record<string, string>): Event | null {
  try {
    // The shape is the API's, once it is known to be ours.
    return (webhook?.verify(body, headers) ?? null) as Event | null;
  } catch {
    return null;
  }
}
