/** What may follow a provider's call, said by what the provider did: the outcome table seen from the other side. */
import type { NextRule } from '../../src/core/routing/outcomes.ts';
import type { BehaviourKind } from '../providers/servers/behaviours.ts';
import type { RecordedRequest } from '../providers/servers/kit.ts';

/** `ends`: it delivered, or may bill: nobody else is asked for the same pictures. */
type Fate = 'ends' | 'next' | 'on_refusal' | 'on_unknown';

const usual: Readonly<Record<BehaviourKind, Fate>> = {
  ok: 'ends',
  slow: 'ends',
  partial: 'ends',
  invalid_request: 'ends',
  refused_input: 'on_refusal',
  refused_output: 'on_refusal',
  cut: 'on_unknown',
  silent: 'on_unknown',
  reset: 'on_unknown',
  job_lost: 'on_unknown',
  rate_limited: 'next',
  overloaded: 'next',
  unavailable: 'next',
  auth: 'next',
  account: 'next',
  config: 'next',
  offer_limit: 'next',
  html_error: 'next',
  error_in_200: 'next',
  empty: 'next',
  not_an_image: 'next',
  dead_link: 'next',
  redirect_private: 'next',
  expired: 'next',
  aborted: 'next',
};

/** By `kind shape` or `provider kind shape`. */
const special: Readonly<Record<string, Fate>> = {
  // The stream broke after its pictures, or was none.
  'cut before_completed': 'ends',
  'cut link': 'next',
  // The job is known and goes on.
  'silent job': 'ends',
  'silent poll': 'ends',
  'replicate silent answer': 'on_unknown',
  // Stopped by somebody at the provider while it ran.
  'fal aborted *': 'on_unknown',
  'replicate aborted canceled': 'on_unknown',
  // Made, billed and gone.
  'replicate expired data_removed': 'ends',
  'replicate invalid_request invalid_version': 'next',
  // Of one picture, what is partial is nothing.
  'one partial refused_element': 'on_refusal',
  'one partial *': 'next',
};

/** True where no further call may be made for the pictures of this one. */
export function isLastCall(
  provider: string,
  { act }: Pick<RecordedRequest, 'act'>,
  pictures: number,
  rule: NextRule,
): boolean {
  if (act === null || rule.allow_fallbacks === false) return true;
  // A question about the job failed, not the job.
  if (act.shape === 'poll' && act.kind !== 'silent') return true;
  const { kind, shape } = act;
  const names = [
    ...(pictures === 1 ? [`one ${kind} ${shape}`, `one ${kind} *`] : []),
    `${provider} ${kind} ${shape}`,
    `${provider} ${kind} *`,
    `${kind} ${shape}`,
  ];
  const fate = names.flatMap((name) => special[name] ?? [])[0] ?? usual[kind];
  if (fate === 'on_refusal' || fate === 'on_unknown') return rule[fate] !== 'next';
  return fate === 'ends';
}
