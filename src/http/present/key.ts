import { z } from 'zod';
import type { KeyView } from '../../contracts/services.ts';

const seconds = (what: string) => z.int().nullable().describe(`Unix seconds; null = ${what}.`);

export const keySchema = z.object({
  id: z.string(),
  object: z.literal('key'),
  name: z.string(),
  mode: z.enum(['live', 'test', 'admin']),
  scopes: z.array(z.enum(['generate', 'read', 'manage', 'admin'])),
  prefix: z.string().describe('How the key begins.'),
  last_four: z.string().describe('How it ends: with the prefix, what to know it by.'),
  created_at: z.int().describe('Unix seconds.'),
  expires_at: seconds('never'),
  revoked_at: seconds('not revoked'),
  last_used_at: seconds('never; true to the minute'),
});

/** A key as it may be shown at any time: never the key itself. */
export function presentKey(key: KeyView): z.infer<typeof keySchema> {
  const { id, name, mode, scopes, prefix, last_four } = key;
  return {
    id,
    object: 'key',
    name,
    mode,
    scopes: [...scopes],
    prefix,
    last_four,
    created_at: unixSeconds(key.created_at),
    expires_at: key.expires_at && unixSeconds(key.expires_at),
    revoked_at: key.revoked_at && unixSeconds(key.revoked_at),
    last_used_at: key.last_used_at && unixSeconds(key.last_used_at),
  };
}

function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
