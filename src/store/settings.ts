/** Where data lives and how its database is opened. No setting is required. */
import { z } from 'zod';
import { defineSettings, wholeNumber } from '../core/settings.ts';

export const storeSettings = defineSettings({
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .optional(),
    description: 'Connection string of a PostgreSQL 15 or newer; without it Gesso runs a database of its own.',
    secret: true,
  },
  GESSO_DATA_DIR: {
    schema: z.string().default('./data'),
    description: 'Directory for the database, pictures and secrets that Gesso keeps; relative to where it is started.',
  },
  GESSO_EMBEDDED_DB: {
    schema: z.enum(['auto', 'postgres', 'pglite']).default('auto'),
    description:
      'Which database of its own Gesso runs without DATABASE_URL: `postgres`, `pglite` (for trying out only), or `auto`: the first that can run here.',
  },
  DATABASE_LISTEN_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .optional(),
    description:
      'Where DATABASE_URL leads to a pooler that shares connections (pgbouncer): the connection string of PostgreSQL itself, for the one connection on which a process hears of the others.',
    secret: true,
  },
  DATABASE_POOL_MAX: {
    schema: wholeNumber(1, 1000).default(10),
    description: 'Most connections that one process opens to PostgreSQL.',
  },
});
