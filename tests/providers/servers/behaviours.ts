/** What a provider server can be told to do, in the same words for every provider. */

export const behaviourKinds = [
  'ok',
  'refused_input',
  'refused_output',
  'rate_limited',
  'overloaded',
  'unavailable',
  'auth',
  'account',
  'config',
  'invalid_request',
  'offer_limit',
  'empty',
  'error_in_200',
  'partial',
  'cut',
  'html_error',
  'not_an_image',
  'dead_link',
  'redirect_private',
  'slow',
  'silent',
  'reset',
  'job_lost',
  'aborted',
  'expired',
] as const;

export type BehaviourKind = (typeof behaviourKinds)[number];

export interface Behaviour {
  readonly kind: BehaviourKind;
  /** Which of the provider's documented shapes, by the names in `ProviderServer.behaviours`; absent = the first. */
  readonly shape?: string;
  /** `slow`: how long the provider takes. */
  readonly ms?: number;
  /** `partial`: pictures delivered; absent = all but the last. */
  readonly delivered?: number;
  /** `redirect_private`: where the output link redirects to. */
  readonly location?: string;
}

/** A behaviour with its shape chosen. */
export type Act = Behaviour & { readonly shape: string };

/** After these a provider may bill although no picture arrived, or certainly bills. The others never do. */
const neverBilled: ReadonlySet<BehaviourKind> = new Set([
  'refused_input',
  'rate_limited',
  'overloaded',
  'auth',
  'account',
  'config',
  'invalid_request',
  'offer_limit',
]);

export const mayBill = (kind: BehaviourKind): boolean => !neverBilled.has(kind);

/** Pictures that a behaviour delivers out of `n`. */
export function deliveredOf(act: Behaviour, n: number): number {
  if (act.kind === 'empty') return 0;
  return act.kind === 'partial' ? Math.min(n, act.delivered ?? n - 1) : n;
}
