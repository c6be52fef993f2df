import type { Mode } from '../contracts/generation.ts';
import type { Principal } from '../contracts/services.ts';

const MODES: readonly Mode[] = ['live', 'test'];

/** What a caller may look at: test keys see what test keys made, live keys the rest, who administers sees both. */
export function visibleModes({ mode, scopes }: Principal, wanted?: Mode): readonly Mode[] {
  return MODES.filter((one) => (scopes.includes('admin') || one === mode) && (wanted === undefined || one === wanted));
}
