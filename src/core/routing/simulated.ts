/** Failures that a test-mode caller may ask for by `simulate`, acted out by the sketch provider. */

import type { FaultClass } from './outcomes.ts';
import { ProviderFault } from './provider-fault.ts';

/** What each word acts out. `ok` succeeds; `partial` delivers all but the last picture. */
export const simulations = {
  ok: null,
  partial: null,
  rate_limited: 'rate_limited',
  overloaded: 'overloaded',
  unavailable: 'unavailable',
  unreachable: 'unreachable',
  server_error: 'server_error',
  auth: 'auth',
  account: 'account',
  config: 'config',
  invalid_request: 'invalid_request',
  content_policy: 'content_policy',
  empty: 'empty',
  timeout: 'outcome_unknown',
  deadline: 'deadline',
} as const satisfies Record<string, FaultClass | null>;

export type Simulation = keyof typeof simulations;

export const simulationNames = Object.keys(simulations) as readonly Simulation[];

function isSimulation(word: string): word is Simulation {
  return Object.hasOwn(simulations, word);
}

/** The word for one attempt: a single word means every attempt, a list means one each and success after its end. */
export function simulationFor(simulate: string | readonly string[] | undefined, attempt: number): Simulation {
  const word = typeof simulate === 'string' ? simulate : (simulate?.[attempt] ?? 'ok');
  return isSimulation(word) ? word : 'ok';
}

/** Throws the fault that the word stands for; returns quietly where it stands for none. */
export function actOut(simulation: Simulation): void {
  const fault = simulations[simulation];
  if (fault === null) return;
  throw new ProviderFault(fault, `simulated ${simulation}`, {
    public_message: `This is a simulated failure (${simulation}).`,
    stage: 'input',
    ...(fault === 'rate_limited' || fault === 'overloaded' ? { retry_after_ms: 1000 } : {}),
  });
}
