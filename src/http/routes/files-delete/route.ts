import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { defineRoute } from '../../route.ts';

const answerSchema = z.object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) });

export const filesDelete = defineRoute({
  method: 'DELETE',
  path: '/v1/files/{file_id}',
  access: 'generate',
  document: {
    tag: 'Files',
    operation: 'deleteFile',
    summary: 'Delete a file',
    description: 'Its bytes are gone when this is answered, unless something else has the same.',
    params: { file_id: { description: 'The id of the file.', example: 'file-7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'It is gone.', content: { 'application/json': { schema: answerSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { file_id } = req.params as { file_id: string }; // The path has this one parameter.
    await deps.services.deleteFile(requirePrincipal(req), file_id);
    return { id: file_id, object: 'file', deleted: true };
  },
});
