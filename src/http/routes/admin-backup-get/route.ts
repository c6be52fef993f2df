import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

export const adminBackupGet = defineRoute({
  method: 'GET',
  path: '/v1/admin/backup',
  access: 'admin',
  query: z.object({
    media: z
      .enum(['true', 'false'])
      .default('false')
      .describe('`true`: with pictures and files, not only what is said of them.'),
  }),
  document: {
    tag: 'Admin',
    operation: 'getBackup',
    summary: 'Take a backup',
    description:
      'Everything that is kept, of all accounts, in one snapshot: what `gesso backup` writes and `gesso restore` reads. It is ' +
      'whole only when it ends with `end.json`; an answer that breaks off is to be thrown away.',
    answers: {
      200: {
        description: 'A tar archive, compressed with Zstandard.',
        content: { 'application/zstd': { schema: z.string().meta({ format: 'binary' }) } },
      },
    },
    errors: [],
  },
  async handle({ req, reply, query, deps: { services, version } }) {
    const wish = { has_media: query.media === 'true', gesso_version: version };
    const stream = await services.backUp(requirePrincipal(req), wish);
    reply.headers({
      'content-type': 'application/zstd',
      'content-disposition': 'attachment; filename="gesso-backup.tar.zst"',
      'cache-control': 'no-store',
    });
    return reply.send(stream);
  },
});
