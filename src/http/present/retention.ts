import { z } from 'zod';
import type { RetentionView } from '../../contracts/requests.ts';

export const retentionSchema = z.object({
  object: z.literal('retention'),
  retention_days: z
    .int()
    .describe('Days that prompts, parameters and pictures are kept: 0 = within the hour, 36500 = until deleted.'),
  source: z.enum(['account', 'server']).describe("Whether the account has its own rule, or the server's."),
});

export function presentRetention({ retention_days, source }: RetentionView): z.infer<typeof retentionSchema> {
  return { object: 'retention', retention_days, source };
}
