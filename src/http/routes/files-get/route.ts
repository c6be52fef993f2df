import { requirePrincipal } from '../../authenticate.ts';
import { fileSchema, presentFile } from '../../present/file.ts';
import { defineRoute } from '../../route.ts';

export const filesGet = defineRoute({
  method: 'GET',
  path: '/v1/files/{file_id}',
  access: 'read',
  document: {
    tag: 'Files',
    operation: 'retrieveFile',
    summary: 'Get a file',
    description: 'What is known of it; its bytes are at `/v1/files/{file_id}/content`.',
    params: { file_id: { description: 'The id of the file.', example: 'file-7h2m9x4kq1w8e5r3t6y0z2b4nd' } },
    answers: { 200: { description: 'The file.', content: { 'application/json': { schema: fileSchema } } } },
    errors: ['not_found'],
  },
  async handle({ req, deps }) {
    const { file_id } = req.params as { file_id: string }; // The path has this one parameter.
    return presentFile(await deps.services.getFile(requirePrincipal(req), file_id));
  },
});
