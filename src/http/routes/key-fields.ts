/** What may be said of a key when it is made and when it is changed; null takes away. */
import { z } from 'zod';
import type { Budget, KeyChange, KeySettings } from '../../contracts/keys.ts';

const MICROS = 1_000_000;
const USD_MAX = 1_000_000_000;
const PER_MINUTE_MAX = 1_000_000;
const GLOBS_MAX = 100;
const NAME_CHARS_MAX = 200;

/** Dollars in whole micro-dollars. */
const dollars = (what: string) =>
  z
    .number()
    .min(0)
    .max(USD_MAX)
    .refine((usd) => Math.abs(usd * MICROS - Math.round(usd * MICROS)) < 1e-3, 'at most six decimals')
    .nullable()
    .optional()
    .describe(`${what}, in dollars; null = none. What is running counts with the most that it may cost.`);

const globs = (what: string) =>
  z
    .array(z.string().trim().min(1).max(200))
    .min(1)
    .max(GLOBS_MAX)
    .nullable()
    .optional()
    .describe(`${what}; \`*\` stands for anything. Null = all.`);

const rate = (what: string) =>
  z.int().min(1).max(PER_MINUTE_MAX).nullable().optional().describe(`${what}; null = as without it.`);

export const tagField = z
  .string()
  .max(64)
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be printable ASCII');

export const nameField = z.string().trim().min(1).max(NAME_CHARS_MAX).describe('What you will know it by.');

export const budgetFields = {
  monthly_budget_usd: dollars('What may be spent in a month of UTC'),
  total_budget_usd: dollars('What may be spent in all'),
};

export const rateFields = {
  requests_per_minute: rate('Generating requests a minute'),
  requests_burst: rate('How many of them may come at once (what ten seconds bring, and at least 10)'),
  images_per_minute: rate('Pictures a minute'),
  images_burst: rate('How many of them may be asked for at once (what ten seconds bring, and at least 10)'),
};

export const keyFields = {
  scopes: z
    .array(z.enum(['generate', 'read', 'manage', 'admin']))
    .optional()
    .describe('What it may do; `manage` lets it make and manage keys under itself.'),
  expires_at: z.int().positive().max(253_402_300_799).nullable().optional().describe('Unix seconds; null = never.'),
  models: globs('Ids or aliases of the models that it may use'),
  providers: globs('Ids of the providers that it may use'),
  ...budgetFields,
  ...rateFields,
  tag: tagField.nullable().optional().describe('What its requests are booked under that bear no x-gesso-tag.'),
  response_format: z.enum(['url', 'b64_json', 'both']).nullable().optional().describe('For requests that name none.'),
  unknown_params: z.enum(['pass', 'warn', 'reject']).nullable().optional().describe('For requests that name none.'),
};

type KeyFields = z.output<z.ZodObject<typeof keyFields>>;

export const keyExamples = {
  'for a team': {
    name: 'design team',
    mode: 'live',
    models: ['bytedance/*', 'gpt-image-*'],
    monthly_budget_usd: 50,
    requests_per_minute: 60,
    tag: 'design',
  },
} as const;

export function readKeyFields(fields: KeyFields): Required<Pick<KeyChange, 'settings' | 'budget'>> & KeyChange {
  const { scopes, expires_at, monthly_budget_usd, total_budget_usd, ...settings } = fields;
  return {
    ...(scopes === undefined ? {} : { scopes }),
    ...(expires_at === undefined ? {} : { expires_at: expires_at === null ? null : new Date(expires_at * 1000) }),
    budget: readBudget({ monthly_budget_usd, total_budget_usd }),
    settings: present(settings),
  };
}

export function readBudget(fields: Pick<KeyFields, keyof typeof budgetFields>): Partial<Budget> {
  const { monthly_budget_usd: monthly, total_budget_usd: total } = fields;
  return {
    ...(monthly === undefined ? {} : { monthly_budget_micros: micros(monthly) }),
    ...(total === undefined ? {} : { total_budget_micros: micros(total) }),
  };
}

/** What is left when nothing is there that could be taken away. */
export function settingsOf(
  fields: { readonly [K in keyof KeySettings]?: KeySettings[K] | null | undefined },
): KeySettings {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function micros(usd: number | null): number | null {
  return usd === null ? null : Math.round(usd * MICROS);
}

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

function present<T extends object>(fields: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Defined<T>>; // What was undefined is gone.
}
