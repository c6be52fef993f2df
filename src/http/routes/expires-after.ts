import { z } from 'zod';

const SECONDS_MIN = 3_600;
const SECONDS_MAX = 2_592_000;

/** When a file goes, in OpenAI's words. Forms send the number as text. */
export const expiresAfterSchema = z.object({
  anchor: z.literal('created_at'),
  seconds: z.coerce.number().int().min(SECONDS_MIN).max(SECONDS_MAX).describe('From an hour to 30 days.'),
});
