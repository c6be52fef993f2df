import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { UsageDimension } from '../../../contracts/requests.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { presentUsage, usageCsv, usageDimensions, usageSchema } from '../../present/usage.ts';
import { queryTime } from '../../query-time.ts';
import { defineRoute } from '../../route.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_DEFAULT = 30;

const dimensionSchema = z.enum(usageDimensions);

const id = (what: string) => z.string().min(1).max(200).optional().describe(what);

const querySchema = z.object({
  from: queryTime('The first moment that counts: Unix seconds or ISO 8601. 30 days before `to` when absent.'),
  to: queryTime('The first moment that does not count any more. Now when absent.'),
  group_by: z
    .string()
    .default('day')
    .transform((text, context): UsageDimension[] => {
      const parsed = z.array(dimensionSchema).safeParse([...new Set(text.split(',').map((name) => name.trim()))]);
      if (parsed.success) return parsed.data;
      context.addIssue(`must be a list, with commas, of ${usageDimensions.join(', ')}`);
      return z.NEVER;
    })
    .describe('One or more of day, model, provider, key, tag, with commas. Days are in UTC.'),
  model: id('Only this model: an id, or an alias of one.'),
  key_id: id('Only this key.'),
  tag: id('Only this tag.'),
  mode: z.enum(['live', 'test']).optional().describe("The key's own when absent, `live` for one that administers."),
  format: z.enum(['json', 'csv']).optional().describe('Or by `Accept: text/csv`.'),
});

export const usageGet = defineRoute({
  method: 'GET',
  path: '/v1/usage',
  access: 'read',
  query: querySchema,
  document: {
    tag: 'History',
    operation: 'getUsage',
    summary: 'What was used and charged',
    description:
      'Sums by day, model, provider, key or tag, or several of them. A request counts when it was made. As CSV, cells that a spreadsheet would take for a formula begin with an apostrophe.',
    answers: {
      200: {
        description: 'The report.',
        content: { 'application/json': { schema: usageSchema }, 'text/csv': { schema: z.string() } },
      },
    },
    errors: ['invalid_value'],
  },
  async handle({ req, reply, deps, query }) {
    const { model, key_id, tag, mode, group_by } = query;
    const to = query.to ?? new Date(deps.clock.now());
    const from = query.from ?? new Date(to.getTime() - DAYS_DEFAULT * DAY_MS);
    const report = await deps.services.reportUsage(requirePrincipal(req), {
      from,
      to,
      group_by,
      ...(model !== undefined && { model }),
      ...(key_id !== undefined && { key_id }),
      ...(tag !== undefined && { tag }),
      ...(mode && { mode }),
    });
    reply.header('cache-control', 'no-store').header('vary', 'accept');
    if (!wantsCsv(req, query.format)) return reply.send(presentUsage(report));
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="usage.csv"')
      .send(usageCsv(report));
  },
});

function wantsCsv({ headers }: FastifyRequest, format: 'json' | 'csv' | undefined): boolean {
  if (format !== undefined) return format === 'csv';
  const accept = headers.accept ?? '';
  return accept.includes('text/csv') && !accept.includes('application/json');
}
