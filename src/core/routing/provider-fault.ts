import type { FaultClass } from './outcomes.ts';

export interface ProviderFaultOptions {
  /** Text that a caller may see: the provider's own words on a refusal or a bad value, never a secret. */
  readonly public_message?: string;
  /** Where a refusal happened, as far as the provider tells. */
  readonly stage?: 'input' | 'output' | 'unknown';
  readonly param?: string;
  readonly retry_after_ms?: number;
  readonly cause?: unknown;
}

/** The one class that adapters throw. Routing reads `fault`, never a provider's words. */
export class ProviderFault extends Error {
  readonly fault: FaultClass;
  readonly public_message: string | null;
  readonly stage: 'input' | 'output' | 'unknown';
  readonly param: string | null;
  readonly retry_after_ms: number | null;

  constructor(fault: FaultClass, message: string, options: ProviderFaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ProviderFault';
    this.fault = fault;
    this.public_message = options.public_message ?? null;
    this.stage = options.stage ?? 'unknown';
    this.param = options.param ?? null;
    this.retry_after_ms = options.retry_after_ms ?? null;
  }
}
