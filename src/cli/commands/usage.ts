/** `gesso usage`: what was used and charged, through `/v1/usage`. */
import { connect } from '../connect.ts';
import { formatTable } from '../format-table.ts';
import { formatDollars } from '../format-values.ts';
import { queryOf } from '../query-of.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

interface UsageSums {
  readonly requests: number;
  readonly failed: number;
  readonly pictures: number;
  readonly cost_micros: number;
}

interface UsageReport {
  readonly mode: 'live' | 'test';
  readonly group_by: readonly string[];
  readonly data: readonly (UsageSums & Readonly<Record<string, string | number | null>>)[];
  readonly total: UsageSums;
}

export interface UsageOptions {
  readonly by: string;
  readonly from?: string;
  readonly to?: string;
  readonly mode?: string;
  readonly model?: string;
  readonly tag?: string;
  readonly key?: string;
  readonly csv: boolean;
  readonly json: boolean;
}

export async function showUsage(world: CliWorld, options: UsageOptions): Promise<void> {
  const { by: group_by, from, to, mode, model, tag, key: key_id, csv, json } = options;
  const wanted = { group_by, from, to, mode, model, tag, key_id, ...(csv && { format: 'csv' }) };
  const query = queryOf(wanted);
  const client = await connect(world, { mode: 'live' });
  try {
    const question = { method: 'GET', path: `/v1/usage?${query}` } as const;
    if (csv) {
      world.stdout.write(await client.text(question));
      return;
    }
    // Our own API, as its schema in openapi.json has it.
    const report = (await client.json(question)) as UsageReport;
    if (json) world.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else showReport(world, report);
  } finally {
    await client.close();
  }
}

function showReport(world: CliWorld, { mode, group_by, data, total }: UsageReport): void {
  const terminal = openTerminal(world.stdout, world.env);
  if (data.length === 0) {
    const hint = mode === 'live' ? '; --mode test shows what test keys did' : '';
    terminal.line(terminal.paint('dim', `nothing in ${mode} mode${hint}`));
    return;
  }
  const columns = [
    ...group_by.map((name) => ({ title: name.toUpperCase() })),
    ...['REQUESTS', 'FAILED', 'PICTURES', 'COST'].map((title) => ({ title, align: 'right' as const })),
  ];
  const figures = ({ requests, failed, pictures, cost_micros }: UsageSums): string[] => [
    String(requests),
    String(failed),
    String(pictures),
    formatDollars(cost_micros),
  ];
  const rows = data.map((row) => [...group_by.map((name) => String(row[name] ?? '(none)')), ...figures(row)]);
  const last = [...group_by.map((_, i) => (i === 0 ? 'total' : '')), ...figures(total)];
  for (const line of formatTable(terminal, columns, [...rows, last])) terminal.line(line);
}
