import type { GenerationView } from '../contracts/services.ts';
import { Grouped } from '../core/limits/grouped.ts';
import { viewGenerations } from './get-generation.ts';
import type { ServiceParts } from './parts.ts';

/** Ids of one account, whose resources are read together: thousands may be woken by the end of a batch. */
export type ViewGroups = Grouped<string, GenerationView | null>;

const ITEMS_MAX = 1_000;

export function createViewGroups(parts: Pick<ServiceParts, 'db' | 'clock' | 'catalog' | 'publicUrl'>): ViewGroups {
  return new Grouped<string, GenerationView | null>({
    items_max: ITEMS_MAX,
    work: async (account_id, ids) => {
      const views = new Map(
        (await viewGenerations(parts, account_id, [...new Set(ids)])).map((view) => [view.id, view]),
      );
      return ids.map((id) => views.get(id) ?? null);
    },
    mayDoBetterAlone: () => false,
  });
}
