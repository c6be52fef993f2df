import { z } from 'zod';
import type { FilePurpose } from '../../../contracts/files.ts';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

/** Nobody's browser is to take what a client uploaded for a page. */
const TYPES: Readonly<Record<FilePurpose, string>> = {
  batch: 'application/jsonl',
  batch_output: 'application/jsonl',
  vision: 'application/octet-stream',
  user_data: 'application/octet-stream',
};

export const filesContentGet = defineRoute({
  method: 'GET',
  path: '/v1/files/{file_id}/content',
  access: 'read',
  document: {
    tag: 'Files',
    operation: 'downloadFile',
    summary: 'Download a file',
    description: 'Its bytes, as they are.',
    params: { file_id: { description: 'The id of the file.', example: 'file-7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: {
      200: {
        description: 'The bytes.',
        content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
      },
    },
    errors: ['not_found'],
  },
  async handle({ req, reply, deps }) {
    const { file_id } = req.params as { file_id: string }; // The path has this one parameter.
    const { file, stream } = await deps.services.openFile(requirePrincipal(req), file_id);
    return reply
      .headers({
        'content-length': String(file.bytes),
        'content-disposition': `attachment; filename*=UTF-8''${encodeName(file.filename)}`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .type(TYPES[file.purpose])
      .send(stream);
  },
});

/** As RFC 8187 writes names in headers. */
function encodeName(filename: string): string {
  const encoded = encodeURIComponent(filename.toWellFormed());
  return encoded.replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
