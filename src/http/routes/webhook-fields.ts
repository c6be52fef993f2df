/** What may be said of webhook endpoints and asked of their deliveries. */
import { z } from 'zod';
import { nameField } from './key-fields.ts';

const DAY_S = 86_400;
const GRACE_S_MAX = 30 * DAY_S;
const LIMIT_MAX = 100;
const LIMIT_DEFAULT = 20;

export const endpointFields = {
  name: nameField,
  url: z
    .string()
    .min(1)
    .describe('Where events are sent: https, on port 443, 8443, 80 or 8080, at an address that is public.'),
  event_types: z
    .array(z.string())
    .min(1)
    .max(100)
    .nullable()
    .describe('What it is told: see GET /v1/webhooks/event_types. Null = all, also those that are yet to come.'),
  mode: z
    .enum(['live', 'test', 'both'])
    .describe("Of which mode it is told: that of the key that asks; an admin key's endpoints may have either or both."),
};

export const graceSchema = z.strictObject({
  grace_s: z
    .int()
    .min(0)
    .max(GRACE_S_MAX)
    .default(DAY_S)
    .describe('Seconds for which the secret before signs beside the new one.'),
});

export const endpointParams = {
  id: { description: 'The id of the endpoint.', example: 'whe_7h2m9x4kq1w8e5r3t6y0z2b4nd' },
};
export const deliveryParams = {
  id: { description: 'The id of the delivery.', example: 'whd_0b8e2c6d9f314a7db2c05e8f7a6d4c31' },
};
export const idSchema = z.object({ id: z.string() });

export const deliveriesQuery = {
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT).describe('1 to 100.'),
  starting_after: z.string().min(1).max(200).optional().describe('The id of a delivery: the page has what is older.'),
  status: z.enum(['pending', 'delivered', 'failed']).optional().describe('Only what is in this state.'),
};

export const secretModeQuery = z.object({
  mode: z.enum(['live', 'test']).optional().describe("The key's own; live for one that administers."),
});

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

export function defined<T extends object>(fields: T): Defined<T> {
  // What is left has no undefined in it.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
