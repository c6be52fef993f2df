/** Who trains models: catalog/labs/<id>.toml. The path is the id. */
import { z } from 'zod';

export const labSchema = z.strictObject({
  name: z.string().min(1),
  summary: z.string().min(3),
  /** ISO 3166 alpha-2 or a plain name. */
  country: z.string().min(2).optional(),
  website: z.url().optional(),
  links: z.array(z.strictObject({ label: z.string().min(1), url: z.url() })).default([]),
});

export type LabPage = z.infer<typeof labSchema>;
