/** A component's setting, declared where it is used and gathered by `config.ts`. */
import type { z } from 'zod';

export interface Setting<T = unknown> {
  /** The environment variable. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** One sentence for the reference page and `gesso config`. */
  readonly description: string;
  /** Secrets are printed as `set` or `not set`, and redacted from logs. They may also be given as NAME_FILE. */
  readonly secret?: boolean;
}
