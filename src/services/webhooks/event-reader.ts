import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import type { EventOwner } from './deliver.ts';

/** Who an event is read for: its account, seeing what a key of its mode sees. */
export function readerOf({ account_id, mode }: EventOwner): Principal {
  return { account_id, key_id: null, mode, scopes: ['read'], settings: {} };
}

/** Null for what is there no more. */
export async function ifThere<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GessoError && error.code === 'not_found') return null;
    throw error;
  }
}
