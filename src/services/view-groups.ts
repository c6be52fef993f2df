import type { GenerationView } from '../contracts/services.ts';
import { Grouped } from '../core/limits/grouped.ts';
import { findStates } from '../store/generations.ts';
import type { GenerationRow } from '../store/tables.ts';
import { viewGenerations } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';

/** By account: ids of generations that are read together, since thousands may be waited for, and woken, at once. */
export interface ViewGroups {
  /** Whole resources. */
  readonly views: Grouped<string, GenerationView | null>;
  readonly states: Grouped<string, Pick<GenerationRow, 'id' | 'mode' | 'status'> | null>;
}

const ITEMS_MAX = 1_000;

export function createViewGroups(parts: Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>): ViewGroups {
  return {
    views: byId((account_id, ids) => viewGenerations(parts, account_id, ids)),
    states: byId((account_id, ids) => findStates(parts.db, account_id, ids)),
  };
}

function byId<Found extends { readonly id: string }>(
  read: (account_id: string, ids: readonly string[]) => Promise<readonly Found[]>,
): Grouped<string, Found | null> {
  return new Grouped<string, Found | null>({
    items_max: ITEMS_MAX,
    work: async (account_id, ids) => {
      const found = new Map((await read(account_id, [...new Set(ids)])).map((one) => [one.id, one]));
      return ids.map((id) => found.get(id) ?? null);
    },
    mayDoBetterAlone: () => false,
  });
}
