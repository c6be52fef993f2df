/** `gesso keys`: makes, lists and revokes API keys through `/v1/keys`. */
import type { ApiClient } from '../api-client.ts';
import { connect } from '../connect.ts';
import { type Column, formatTable } from '../format-table.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly mode: 'live' | 'test' | 'admin';
  readonly prefix: string;
  readonly last_four: string;
  /** Unix seconds, or ISO 8601. */
  readonly created_at: number | string;
  readonly last_used_at?: number | string | null;
  readonly revoked_at?: number | string | null;
}

export interface KeyCreateOptions {
  readonly mode: string;
  readonly name: string;
  readonly account?: string;
  readonly json: boolean;
}

export async function createKey(world: CliWorld, { mode, name, account, json }: KeyCreateOptions): Promise<void> {
  const made = await withClient(world, async (client) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name, mode, ...(account === undefined ? {} : { account_id: account }) });
    // Our own API; the key itself is in this answer and never in another.
    return (await client.json({ method: 'POST', path: '/v1/keys', headers, body })) as KeyView & {
      readonly key: string;
    };
  });
  if (json) {
    world.stdout.write(`${JSON.stringify(made, null, 2)}\n`);
    return;
  }
  const terminal = openTerminal(world.stderr, world.env);
  terminal.line(`Made the ${mode} key "${made.name}" (${made.id}). It is shown this once:`);
  world.stdout.write(`${made.key}\n`);
  terminal.line(terminal.paint('dim', `${uses[made.mode]} \`gesso keys revoke ${made.id}\` ends it.`));
}

const uses: Readonly<Record<KeyView['mode'], string>> = {
  live: 'It spends money at your providers.',
  test: 'It draws with the built-in engine and spends nothing.',
  admin: 'It administers, and cannot generate.',
};

export async function listKeys(world: CliWorld, { json }: { readonly json: boolean }): Promise<void> {
  const list = await withClient(
    world,
    // Our own API, as its schema in openapi.json has it.
    async (client) => (await client.json({ method: 'GET', path: '/v1/keys' })) as { readonly data: readonly KeyView[] },
  );
  if (json) {
    world.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  const terminal = openTerminal(world.stdout, world.env);
  const columns: readonly Column[] = [
    { title: 'ID' },
    { title: 'NAME', wrap_min: 10 },
    { title: 'MODE' },
    { title: 'KEY' },
    { title: 'MADE', optional: true },
    { title: 'LAST USED', optional: true },
    {
      title: 'STATE',
      paint: (line) => (line === 'revoked' ? terminal.paint('red', line) : line),
    },
  ];
  const rows = list.data.map((key) => [
    key.id,
    key.name,
    key.mode,
    `${key.prefix}…${key.last_four}`,
    day(key.created_at),
    key.last_used_at ? day(key.last_used_at) : 'never',
    key.revoked_at ? 'revoked' : 'active',
  ]);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
}

export async function revokeKey(world: CliWorld, id: string, { json }: { readonly json: boolean }): Promise<void> {
  await withClient(world, (client) => client.json({ method: 'DELETE', path: `/v1/keys/${encodeURIComponent(id)}` }));
  if (json) world.stdout.write(`${JSON.stringify({ id, revoked: true })}\n`);
  else openTerminal(world.stderr, world.env).line(`Revoked ${id}. Requests with it are refused from now on.`);
}

async function withClient<T>(world: CliWorld, use: (client: ApiClient) => Promise<T>): Promise<T> {
  const client = await connect(world, { mode: 'live' });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

function day(time: number | string): string {
  const date = new Date(typeof time === 'number' ? time * 1000 : time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(0, 10);
}
