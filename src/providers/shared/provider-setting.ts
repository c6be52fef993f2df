import { z } from 'zod';
import type { SettingRow } from '../../core/settings.ts';

/** A variable that may hold a provider's key. */
export function keySetting(provider_name: string): SettingRow & { readonly schema: z.ZodType<string | undefined> } {
  return {
    // A line break in a header would be refused with every request.
    schema: z.string().regex(/^\S+$/, 'must not contain spaces').optional(),
    description: `The key of ${provider_name}; with it Gesso offers that provider's models.`,
    secret: true,
  };
}

/** Where a provider is reached, if not at its own address. */
export function baseUrlSetting(
  provider_name: string,
  usual: string | undefined,
): SettingRow & { readonly schema: z.ZodType<string | undefined> } {
  return {
    schema: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    description: `Where ${provider_name} is reached${usual === undefined ? '' : `; without it ${usual}`}.`,
  };
}
