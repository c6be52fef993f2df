/** `gesso models`: what there is to draw with, and everything about one model. */
import { connect } from '../connect.ts';
import { type Column, formatTable, wrapText } from '../format-table.ts';
import {
  describeModes,
  describeParameter,
  describePrice,
  describePriceLine,
  describeReadiness,
  type ModelView,
} from '../model-view.ts';
import { openTerminal, type Terminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

interface JsonOption {
  readonly json: boolean;
}

export async function listModels(world: CliWorld, { json }: JsonOption): Promise<void> {
  const list = (await get(world, '/v1/models')) as { readonly data: readonly ModelView[] }; // Our own API.
  if (json) {
    world.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  const terminal = openTerminal(world.stdout, world.env);
  const columns: readonly Column[] = [
    { title: 'ID', paint: (line) => terminal.paint('cyan', line) },
    { title: 'PRICE', wrap_min: 12 },
    { title: 'PROVIDERS', wrap_min: 10 },
    { title: 'CAN', optional: true },
    { title: 'ALIASES', wrap_min: 36, optional: true },
    { title: 'READY', paint: (line) => terminal.paint(line === 'yes' ? 'green' : 'dim', line) },
  ];
  const rows = list.data.map(({ id, aliases, modes, offers }) => [
    id,
    describePrice(offers),
    [...new Set(offers.map(({ provider }) => provider))].join(', '),
    describeModes(modes),
    aliases.join(', '),
    describeReadiness(offers),
  ]);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
  const notes = openTerminal(world.stderr, world.env);
  if (notes.isTerminal)
    tellWhatNext(
      notes,
      rows.some((row) => row.at(-1) === 'no'),
    );
}

function tellWhatNext(notes: Terminal, someAreNotReady: boolean): void {
  const advice = [
    '',
    '`gesso models <id>` shows prices, parameters and limits.',
    ...(someAreNotReady
      ? ['A model that is not ready needs a provider key (`gesso doctor` names the variables), or --test.']
      : []),
  ];
  for (const text of advice) {
    for (const line of wrapText(text, notes.width ?? Number.POSITIVE_INFINITY)) notes.line(notes.paint('dim', line));
  }
}

export async function showModel(world: CliWorld, id: string, { json }: JsonOption): Promise<void> {
  // Our own API, as its schema in openapi.json has it.
  const model = (await get(world, `/v1/models/${encodeURIComponent(id)}?schema=true`)) as ModelView;
  if (json) {
    world.stdout.write(`${JSON.stringify(model, null, 2)}\n`);
    return;
  }
  const terminal = openTerminal(world.stdout, world.env);
  const width = terminal.width ?? Number.POSITIVE_INFINITY;
  terminal.line(`${terminal.paint('bold', model.name)}  ${terminal.paint('cyan', model.id)}`);
  for (const line of wrapText(model.summary, width)) terminal.line(line);
  terminal.line();
  for (const [label, value] of facts(model)) {
    const [first = '', ...rest] = wrapText(value, Math.max(20, width - 10));
    terminal.line(terminal.paint('dim', label.padEnd(10)) + first);
    for (const line of rest) terminal.line(' '.repeat(10) + line);
  }
  terminal.line();
  showOffers(terminal, model);
  showParameters(terminal, model);
}

function facts({ lab, owned_by, status, aliases, modes, default_tier, default_ratio, licence }: ModelView) {
  const rows: readonly (readonly [label: string, value: string])[] = [
    ['lab', lab?.name ?? owned_by],
    ['status', status],
    ['aliases', aliases.join(', ')],
    ['can', describeModes(modes)],
    ['size', [default_tier, default_ratio].filter((part) => part !== undefined).join(', ')],
    ['licence', licence === undefined ? '' : `${licence.name}; commercial use: ${licence.commercial_use}`],
  ];
  return rows.filter(([, value]) => value !== '');
}

function showOffers(terminal: Terminal, { offers }: ModelView): void {
  const columns: readonly Column[] = [
    { title: 'OFFER', paint: (line) => terminal.paint('cyan', line) },
    { title: 'BY' },
    { title: 'CAN' },
    { title: 'PRICE', wrap_min: 20 },
    { title: 'REFERENCES' },
    { title: 'READY', paint: (line) => terminal.paint(line === 'yes' ? 'green' : 'dim', line) },
  ];
  const rows = offers.map((offer) => [
    offer.id,
    offer.provider_name,
    describeModes(offer.modes),
    offer.prices.length === 0 ? 'not known' : offer.prices.map(describePriceLine).join('; '),
    offer.limits?.references_max === undefined ? '' : `up to ${offer.limits.references_max.value}`,
    describeReadiness([offer]),
  ]);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
}

function showParameters(terminal: Terminal, { parameters_schema, offers }: ModelView): void {
  terminal.line();
  const properties = Object.entries(parameters_schema?.properties ?? {});
  if (properties.length === 0) {
    const names = [...new Set(offers.flatMap(({ parameters }) => parameters))].join(', ');
    const lines = wrapText(`Parameters: ${names}`, terminal.width ?? Number.POSITIVE_INFINITY);
    for (const line of lines) terminal.line(line);
    return;
  }
  const columns: readonly Column[] = [
    { title: 'PARAMETER', paint: (line) => terminal.paint('cyan', line) },
    { title: 'TAKES', wrap_min: 16 },
    { title: 'WHAT IT DOES', wrap_min: 24, paint: (line) => terminal.paint('dim', line) },
  ];
  const rows = properties.map(([name, schema]) => [name, describeParameter(schema), schema.description ?? '']);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
}

async function get(world: CliWorld, path: string): Promise<unknown> {
  const client = await connect(world, { mode: 'live' });
  try {
    return await client.json({ method: 'GET', path });
  } finally {
    await client.close();
  }
}
