import { z } from 'zod';
import { defineSettings } from '../core/settings.ts';
import { createAllowList } from './allow-list.ts';

/** The settings of outbound requests; `config.ts` gathers them. */
export const netSettings = defineSettings({
  GESSO_FETCH_ALLOW_HOSTS: {
    schema: z
      .string()
      .default('')
      .transform((text, context) => {
        const entries = text.split(',').flatMap((entry) => entry.trim() || []);
        try {
          createAllowList(entries);
        } catch (error) {
          context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        }
        return entries;
      }),
    description:
      'Private hosts that picture and webhook URLs may lead to all the same: host, host:port, address or range, separated by commas.',
  },
});
