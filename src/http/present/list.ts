import { z } from 'zod';

/** A page in OpenAI's shape: its clients go on after `last_id` while `has_more`. */
export function listSchema<T extends z.ZodType>(item: T) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });
}

export function presentList<T extends { readonly id: string }>(data: readonly T[], has_more: boolean) {
  return { object: 'list', data, first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more };
}
