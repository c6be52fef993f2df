import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readFileForm } from '../../body/read-file-form.ts';
import { checkFields } from '../../check-fields.ts';
import { fileSchema, presentFile } from '../../present/file.ts';
import { defineRoute } from '../../route.ts';
import { expiresAfterSchema } from '../expires-after.ts';

const fieldsSchema = z.object({
  purpose: z
    .enum(['batch', 'vision', 'user_data'])
    .describe('`batch`: requests of a batch, one a line. `vision`: a picture, to be named by `file_id`.'),
  expires_after: expiresAfterSchema.optional(),
});

const formSchema = fieldsSchema.extend({ file: z.string().meta({ format: 'binary' }) });

export const filesCreate = defineRoute({
  method: 'POST',
  path: '/v1/files',
  access: 'generate',
  document: {
    tag: 'Files',
    operation: 'createFile',
    summary: 'Upload a file',
    description:
      'Up to 512 MiB, one for a batch up to 200 MiB. Files of batches are kept for 30 days, others until they are deleted, unless `expires_after[anchor]=created_at` and `expires_after[seconds]` say otherwise.',
    body: { 'multipart/form-data': { schema: formSchema } },
    answers: { 200: { description: 'The file.', content: { 'application/json': { schema: fileSchema } } } },
    errors: [
      'invalid_value',
      'missing_required_parameter',
      'invalid_multipart',
      'invalid_image',
      'payload_too_large',
      'unsupported_content_type',
      'request_timeout',
    ],
  },
  async handle({ req, deps }) {
    const { services, settings } = deps;
    const principal = requirePrincipal(req);
    const limits = { bytes_max: settings.GESSO_FILE_BYTES_MAX, idle_timeout_ms: settings.GESSO_BODY_IDLE_TIMEOUT_MS };
    const { fields, file } = await readFileForm(req, limits, (stream) => services.storeFile(principal, stream));
    const { purpose, expires_after } = checkFields(fieldsSchema, fields);
    const view = await services.createFile(principal, file.blob, {
      filename: file.filename,
      purpose,
      expires_after_seconds: expires_after?.seconds ?? null,
    });
    return presentFile(view);
  },
});
