/** Who serves models: catalog/providers/<id>.toml. The path is the id. */
import { z } from 'zod';
import { evidence, factSchema, slugSchema } from './evidence-schema.ts';

export const variableSchema = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'write an environment variable in capitals');

const count = factSchema(z.int().positive());

export const providerSchema = z.strictObject({
  /** As people write it: "fal". */
  name: z.string().min(1),
  summary: z.string().min(3),
  /** The file in src/providers that speaks to it; absent = the provider's id. */
  adapter: slugSchema.optional(),
  /** The environment variables that may hold the key, the first found wins; empty = none is needed. */
  key_variables: z.array(variableSchema).default([]),
  base_url: z.url().optional(),
  base_url_variable: variableSchema.optional(),
  website: z.url().optional(),
  docs_url: z.url().optional(),
  /** Where a person makes a key. */
  keys_url: z.url().optional(),
  status_url: z.url().optional(),
  /** What the provider keeps of requests and results, and for how long. */
  data_policy: z.strictObject({ text: z.string().min(3), ...evidence }).optional(),
  /** What it counts by key, so that it holds for all of its offers together, as do the pauses that it asks for. */
  limits: z
    .strictObject({
      concurrent_max: count.optional(),
      requests_per_minute: count.optional(),
      images_per_minute: count.optional(),
    })
    .optional(),
  notes: z.array(z.string().min(1)).default([]),
  /** What its adapter alone reads, where several providers share one and differ: the operator's own engines. */
  options: z.record(z.string(), z.json()).optional(),
});

export type ProviderPage = z.infer<typeof providerSchema>;
