import { z } from 'zod';
import type { FileView } from '../../contracts/files.ts';
import { unixSeconds } from './generation.ts';

export const fileSchema = z
  .object({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.int(),
    created_at: z.int().describe('Unix seconds.'),
    expires_at: z.int().optional().describe('Unix seconds; absent = kept until deleted.'),
    filename: z.string(),
    purpose: z.enum(['batch', 'batch_output', 'vision', 'user_data']),
    status: z.literal('processed').describe('A file is ready as soon as it is uploaded.'),
  })
  .describe("OpenAI's file object.");

export function presentFile(file: FileView): z.infer<typeof fileSchema> {
  const { id, bytes, created_at, expires_at, filename, purpose } = file;
  return {
    id,
    object: 'file',
    bytes,
    created_at: unixSeconds(created_at),
    ...(expires_at === null ? {} : { expires_at: unixSeconds(expires_at) }),
    filename,
    purpose,
    status: 'processed',
  };
}
