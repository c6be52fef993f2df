/** Replicate's file store: pictures are uploaded here and referred to by the address that comes back. */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { Route, Stage } from './kit.ts';
import { filesNamed } from './multipart.ts';
import { invalidInput, problem } from './replicate-answers.ts';
import type { Reply } from './wire.ts';

const file_bytes_max = 100 * 1024 ** 2;
/** A day: by a test fixture of Replicate's own, not by its documents. */
const life_ms = 24 * 3_600_000;

export function replicateFileRoutes(stage: Stage): readonly Route[] {
  const files = new Map<string, JsonObject>();
  const one = /^\/v1\/files\/(?<id>[\w-]+)$/;
  const missing = () => problem(404, 'Not found', 'File not found');
  return [
    {
      method: 'POST',
      path: /^\/v1\/files$/,
      role: 'upload',
      handle: ({ request }): Reply => {
        const [file] = filesNamed(request.parts ?? [], 'content');
        if (file === undefined)
          return invalidInput([{ type: 'required', field: 'content', description: 'content is required' }]);
        if (file.bytes.length > file_bytes_max) return problem(413, 'Payload too large', 'At most 100 MiB.');
        const id = `file-${stage.next()}`;
        const stored = {
          id,
          name: file.filename,
          content_type: file.content_type ?? 'application/octet-stream',
          size: file.bytes.length,
          checksums: { sha256: createHash('sha256').update(file.bytes).digest('hex') },
          metadata: {},
          created_at: new Date(stage.now()).toISOString(),
          expires_at: new Date(stage.now() + life_ms).toISOString(),
          urls: { get: `${stage.origin()}/v1/files/${id}` },
        };
        files.set(id, stored);
        return { status: 201, json: stored };
      },
    },
    {
      method: 'GET',
      path: one,
      role: 'other',
      handle: ({ params }) => {
        const stored = files.get(params.id ?? '');
        return stored === undefined ? missing() : { status: 200, json: stored };
      },
    },
    {
      method: 'DELETE',
      path: one,
      role: 'other',
      handle: ({ params }) => (files.delete(params.id ?? '') ? { status: 204, body: '' } : missing()),
    },
  ];
}
