import type { z } from 'zod';
import type { FaultClass } from '../../core/routing/outcomes.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';

/** The answer as the adapter's schema reads it. Throws `fault` where it has another shape. */
export function readAs<T extends z.ZodType>(schema: T, value: unknown, fault: FaultClass): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ProviderFault(fault, `the answer has another shape: ${issue?.path.join('.')} ${issue?.message}`);
}
