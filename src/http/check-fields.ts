import type { z } from 'zod';
import { type ErrorDetail, GessoError } from '../core/errors.ts';
import { throwFaults } from './body/images-body.ts';

/** Fields as the schema has them, or every fault at once. */
export function checkFields<T extends z.ZodType>(schema: T, fields: unknown): z.output<T> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue): ErrorDetail => {
    const param = issue.path.join('.') || 'body';
    return { param, message: `${param}: ${issue.message}.` };
  });
  throwFaults(faults);
  throw new GessoError('invalid_value');
}
