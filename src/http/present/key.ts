import { z } from 'zod';
import type { BudgetView, KeyView } from '../../contracts/keys.ts';

const MICROS = 1_000_000;

const seconds = (what: string) => z.int().nullable().describe(`Unix seconds; null = ${what}.`);
const usd = (what: string) => z.number().describe(`${what}, in dollars.`);

export const budgetSchema = z.object({
  monthly_budget_usd: usd('What may be spent in a month of UTC').nullable(),
  total_budget_usd: usd('What may be spent in all').nullable(),
  month_spent_usd: usd('Charged and held this month'),
  total_spent_usd: usd('Charged and held ever'),
});

const limit = z.int().nullable();

export const keySchema = z.object({
  id: z.string(),
  object: z.literal('key'),
  account_id: z.string(),
  parent_id: z.string().nullable().describe('The key that it was made under, whose limits bind it too.'),
  name: z.string(),
  mode: z.enum(['live', 'test', 'admin']),
  scopes: z.array(z.enum(['generate', 'read', 'manage', 'admin'])),
  prefix: z.string().describe('How the key begins.'),
  last_four: z.string().describe('How it ends: with the prefix, what to know it by.'),
  created_at: z.int().describe('Unix seconds.'),
  expires_at: seconds('never'),
  revoked_at: seconds('not revoked'),
  last_used_at: seconds('never; true to the minute'),
  rotation: z
    .object({
      next_last_four: z.string().describe('How the new key ends.'),
      old_until: z.int().describe('Unix seconds: the old key dies then, or when the new one is first used.'),
    })
    .nullable()
    .describe('While the key is being rotated.'),
  models: z.array(z.string()).nullable().describe('Null = all.'),
  providers: z.array(z.string()).nullable().describe('Null = all.'),
  requests_per_minute: limit,
  requests_burst: limit,
  images_per_minute: limit,
  images_burst: limit,
  tag: z.string().nullable(),
  response_format: z.enum(['url', 'b64_json', 'both']).nullable(),
  unknown_params: z.enum(['pass', 'warn', 'reject']).nullable(),
  budget: budgetSchema.nullable().describe('Null = the key cannot spend.'),
});

/** A key as it may be shown at any time: never the key itself. */
export function presentKey(key: KeyView): z.infer<typeof keySchema> {
  const { id, account_id, parent_id, name, mode, scopes, prefix, last_four, settings, budget } = key;
  const { next_last_four, hash_until } = key;
  return {
    id,
    object: 'key',
    account_id,
    parent_id,
    name,
    mode,
    scopes: [...scopes],
    prefix,
    last_four,
    created_at: unixSeconds(key.created_at),
    expires_at: key.expires_at && unixSeconds(key.expires_at),
    revoked_at: key.revoked_at && unixSeconds(key.revoked_at),
    last_used_at: key.last_used_at && unixSeconds(key.last_used_at),
    rotation:
      next_last_four === null || hash_until === null ? null : { next_last_four, old_until: unixSeconds(hash_until) },
    models: settings.models === undefined ? null : [...settings.models],
    providers: settings.providers === undefined ? null : [...settings.providers],
    requests_per_minute: settings.requests_per_minute ?? null,
    requests_burst: settings.requests_burst ?? null,
    images_per_minute: settings.images_per_minute ?? null,
    images_burst: settings.images_burst ?? null,
    tag: settings.tag ?? null,
    response_format: settings.response_format ?? null,
    unknown_params: settings.unknown_params ?? null,
    budget: budget && presentBudget(budget),
  };
}

export function presentBudget(budget: BudgetView): z.infer<typeof budgetSchema> {
  const { monthly_budget_micros, total_budget_micros, month_spent_micros, total_spent_micros } = budget;
  return {
    monthly_budget_usd: monthly_budget_micros === null ? null : monthly_budget_micros / MICROS,
    total_budget_usd: total_budget_micros === null ? null : total_budget_micros / MICROS,
    month_spent_usd: month_spent_micros / MICROS,
    total_spent_usd: total_spent_micros / MICROS,
  };
}

function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
