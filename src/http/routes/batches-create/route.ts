import { z } from 'zod';
import { requirePrincipal } from '../../authenticate.ts';
import { readSmallJson } from '../../body/read-small-json.ts';
import { documentedCallHeaders, readCallHeaders } from '../../call-headers.ts';
import { batchSchema, presentBatch } from '../../present/batch.ts';
import { defineRoute } from '../../route.ts';
import { expiresAfterSchema } from '../expires-after.ts';

const bodySchema = z.object({
  input_file_id: z.string().min(1).max(200).describe('A file with purpose `batch`: one request a line.'),
  endpoint: z.enum(['/v1/images/generations', '/v1/images/edits']).describe('Where all of its requests go.'),
  completion_window: z.literal('24h'),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, { message: 'at most 16 pairs' })
    .nullish()
    .describe('Yours: up to 16 pairs.'),
  output_expires_after: expiresAfterSchema
    .nullish()
    .describe('When the files of its results go: in 30 days when absent.'),
});

export const batchesCreate = defineRoute({
  method: 'POST',
  path: '/v1/batches',
  access: 'generate',
  document: {
    tag: 'Batches',
    operation: 'createBatch',
    summary: 'Create a batch',
    description:
      'Requests of a file, made when nothing more urgent is, within 24 hours. Every line is checked and priced before the first is begun; what all together may cost is held as a whole, or the batch fails. See docs/batches.md.',
    headers: documentedCallHeaders,
    body: {
      'application/json': {
        schema: bodySchema,
        examples: {
          pictures: {
            input_file_id: 'file-7h2m9x4kq1w8e5r3t6y0z2b4nd',
            endpoint: '/v1/images/generations',
            completion_window: '24h',
          },
        },
      },
    },
    answers: { 200: { description: 'The batch.', content: { 'application/json': { schema: batchSchema } } } },
    errors: ['invalid_value', 'invalid_json', 'not_found', 'idempotency_conflict'],
  },
  async handle({ req, reply, deps }) {
    const headers = readCallHeaders(req);
    const body = await readSmallJson(req, bodySchema, { idle_timeout_ms: deps.settings.GESSO_BODY_IDLE_TIMEOUT_MS });
    const { input_file_id, endpoint, completion_window, metadata, output_expires_after } = body;
    const { batch, is_replay } = await deps.services.createBatch(requirePrincipal(req), {
      input_file_id,
      endpoint,
      completion_window,
      metadata: metadata ?? {},
      output_expires_after_seconds: output_expires_after?.seconds ?? null,
      ...headers,
    });
    if (is_replay) reply.header('idempotent-replayed', 'true');
    return presentBatch(batch);
  },
});
