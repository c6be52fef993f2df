import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';

/** A key that can only read changes nothing of what others made. Throws `scope_exceeded`. */
export function requireChanger({ scopes }: Principal, what: string): void {
  if (scopes.includes('generate') || scopes.includes('manage')) return;
  throw new GessoError('scope_exceeded', `${what} needs a key with the scope "generate" or "manage".`);
}
