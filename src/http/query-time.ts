import { z } from 'zod';

const SECONDS = /^\d{1,11}$/;
/** A day alone is its first moment in UTC; a time needs its zone. */
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A moment in a query: Unix seconds, or ISO 8601. */
export function queryTime(description: string) {
  return z
    .string()
    .transform((text, context): Date => {
      const time = new Date(SECONDS.test(text) ? Number(text) * 1000 : ISO.test(text) ? text : Number.NaN);
      if (!Number.isNaN(time.getTime())) return time;
      context.addIssue('must be Unix seconds, a day such as 2026-11-20, or a time such as 2026-11-20T08:00:00Z');
      return z.NEVER;
    })
    .optional()
    .describe(description);
}
