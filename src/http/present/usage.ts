import { z } from 'zod';
import type { UsageReport } from '../../contracts/requests.ts';
import { csvText } from './csv.ts';
import { presentSummary, requestSummarySchema } from './request.ts';

export const usageDimensions = ['day', 'model', 'provider', 'key', 'tag'] as const;

const dimension = (what: string) => z.string().nullable().optional().describe(what);

export const usageSchema = z
  .object({
    object: z.literal('usage'),
    mode: z.enum(['live', 'test']),
    from: z.int().describe('Unix seconds.'),
    to: z.int().describe('Unix seconds; the first second that does not count.'),
    group_by: z.array(z.enum(usageDimensions)),
    data: z.array(
      requestSummarySchema.extend({
        day: dimension('In UTC, e.g. `2026-11-20`.'),
        model: dimension('The catalogue id.'),
        provider: dimension('Who delivered; null = nobody.'),
        key: dimension('The id of the key; null = none.'),
        tag: dimension('null = none.'),
      }),
    ),
    total: requestSummarySchema,
  })
  .describe('What was asked for and charged, by the groups asked for.');

export function presentUsage(report: UsageReport): z.infer<typeof usageSchema> {
  const { from, to, mode, group_by, rows, total } = report;
  return {
    object: 'usage',
    mode,
    from: Math.floor(from.getTime() / 1000),
    to: Math.floor(to.getTime() / 1000),
    group_by: [...group_by],
    data: rows.map((row) => ({
      ...Object.fromEntries(group_by.map((name) => [name, row[name] ?? null])),
      ...presentSummary(row),
    })),
    total: presentSummary(total),
  };
}

const figures = ['requests', 'completed', 'failed', 'pictures', 'cost_micros', 'cost', 'currency'] as const;

/** The same rows, without the total: a spreadsheet would add it up too. */
export function usageCsv(report: UsageReport): string {
  const header = [...report.group_by, ...figures];
  const rows = report.rows.map((row) => {
    const shown = presentSummary(row);
    return [...report.group_by.map((name) => row[name] ?? ''), ...figures.map((name) => shown[name])];
  });
  return csvText([header, ...rows]);
}
