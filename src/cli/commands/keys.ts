/** `gesso keys`: makes, limits, rotates, lists and revokes API keys through `/v1/keys`. */
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

/** In the names that the command line gives them: `monthlyBudgetUsd` is `monthly_budget_usd` of the API. */
export type KeySettingOptions = Readonly<Record<string, unknown>>;

export interface KeyCreateOptions {
  readonly mode: string;
  readonly name: string;
  readonly account?: string | undefined;
  readonly parent?: string | undefined;
  readonly settings: KeySettingOptions;
  readonly json: boolean;
}

type WholeKey = KeyView & { readonly key: string };

export async function createKey(world: CliWorld, options: KeyCreateOptions): Promise<void> {
  const { mode, name, account, parent, settings, json } = options;
  const body = { name, mode, account_id: account, parent_id: parent, ...fieldsOf(settings) };
  // Our own API; the key itself is in this answer and never in another.
  const made = (await send(world, 'POST', '/v1/keys', body)) as WholeKey;
  if (json) return printJson(world, made);
  const terminal = openTerminal(world.stderr, world.env);
  terminal.line(`Made the ${mode} key "${made.name}" (${made.id}). It is shown this once:`);
  world.stdout.write(`${made.key}\n`);
  terminal.line(terminal.paint('dim', `${uses[made.mode]} \`gesso keys revoke ${made.id}\` ends it.`));
}

export async function rotateKey(
  world: CliWorld,
  id: string,
  { graceS, json }: { readonly graceS: number; readonly json: boolean },
): Promise<void> {
  // Our own API, as its schema in openapi.json has it.
  const made = (await send(world, 'POST', `${pathOf(id)}/rotate`, { grace_s: graceS })) as WholeKey;
  if (json) return printJson(world, made);
  const terminal = openTerminal(world.stderr, world.env);
  terminal.line(`The new key of "${made.name}" (${made.id}). It is shown this once:`);
  world.stdout.write(`${made.key}\n`);
  terminal.line(terminal.paint('dim', `The old one dies when this is first used, or in ${graceS} seconds.`));
}

export async function changeKey(
  world: CliWorld,
  id: string,
  options: { readonly name?: string; readonly settings: KeySettingOptions; readonly json: boolean },
): Promise<void> {
  const { name, settings, json } = options;
  const key = await send(world, 'PATCH', pathOf(id), {
    name,
    ...fieldsOf(settings, (value) => (value === 'none' ? null : value)),
  });
  if (json) return printJson(world, key);
  openTerminal(world.stderr, world.env).line(`Changed ${id}. It holds from the next request on.`);
}

export async function showKey(world: CliWorld, id: string, { json }: { readonly json: boolean }): Promise<void> {
  // Our own API, as its schema in openapi.json has it.
  const key = (await send(world, 'GET', pathOf(id))) as Record<string, unknown>;
  if (json) return printJson(world, key);
  const terminal = openTerminal(world.stdout, world.env);
  const { budget, ...rest } = key;
  const fields = { ...rest, ...(typeof budget === 'object' ? budget : {}) };
  const rows = Object.entries(fields).flatMap(([name, value]) =>
    value === null || name === 'object' ? [] : [[name, shown(name, value)]],
  );
  for (const line of formatTable(terminal, [{ title: 'SETTING' }, { title: 'VALUE', wrap_min: 20 }], rows)) {
    terminal.line(line);
  }
}

function shown(name: string, value: unknown): string {
  if (name.endsWith('_at') && typeof value === 'number') return day(value);
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What was not said is left out by JSON. */
function fieldsOf(settings: KeySettingOptions, read = (value: unknown): unknown => value): Record<string, unknown> {
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [snake(name), read(value)]));
}

const uses: Readonly<Record<KeyView['mode'], string>> = {
  live: 'It spends money at your providers.',
  test: 'It draws with the built-in engine and spends nothing.',
  admin: 'It administers, and cannot generate.',
};

export async function listKeys(
  world: CliWorld,
  { account, json }: { readonly account?: string; readonly json: boolean },
): Promise<void> {
  const path = account === undefined ? '/v1/keys' : `/v1/keys?account_id=${encodeURIComponent(account)}`;
  // Our own API, as its schema in openapi.json has it.
  const list = (await send(world, 'GET', path)) as { readonly data: readonly KeyView[] };
  if (json) return printJson(world, list);
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
  await send(world, 'DELETE', pathOf(id));
  if (json) world.stdout.write(`${JSON.stringify({ id, revoked: true })}\n`);
  else openTerminal(world.stderr, world.env).line(`Revoked ${id}. Requests with it are refused from now on.`);
}

async function send(
  world: CliWorld,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  const client: ApiClient = await connect(world, { mode: 'live' });
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  try {
    return await client.json({ method, path, ...(body === undefined ? {} : json) });
  } finally {
    await client.close();
  }
}

function pathOf(id: string): string {
  return `/v1/keys/${encodeURIComponent(id)}`;
}

function printJson(world: CliWorld, value: unknown): void {
  world.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function day(time: number | string): string {
  const date = new Date(typeof time === 'number' ? time * 1000 : time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(0, 10);
}
