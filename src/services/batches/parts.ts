import type { BatchWire } from '../../contracts/batches.ts';
import type { Principal } from '../../contracts/services.ts';
import type { BatchRow } from '../../store/batches-tables.ts';
import type { ServiceParts } from '../parts.ts';

/** What the work on batches is made of. */
export interface BatchParts
  extends Pick<
    ServiceParts,
    | 'db'
    | 'bus'
    | 'catalog'
    | 'media'
    | 'guardedFetch'
    | 'liveAdapters'
    | 'traffic'
    | 'clock'
    | 'ids'
    | 'randomSeed'
    | 'log'
    | 'lease'
    | 'stopping'
    | 'publicUrl'
    | 'retention'
    | 'image_bytes_max'
    | 'image_pixels_max'
    | 'file_limits'
  > {
  readonly wire: BatchWire;
  /** By batch: before when its lines are not counted again here. */
  readonly nextCount: Map<string, number>;
}

/** What one step made of a batch: null = there is nothing to do before something else happens. */
export type Stepped = BatchRow | null;

/** Thrown where a step finds that this process stops, or that the batch is no longer its own or in another state. */
export class BatchLost extends Error {
  constructor(id: string) {
    super(`The batch ${id} is left to others.`);
    this.name = 'BatchLost';
  }
}

/** Who the lines are made for: the key, as it was when the batch was created. */
export function callerOf({ account_id, key_id, mode, caller }: BatchRow): Principal {
  return { account_id, key_id, mode, scopes: ['generate', 'read'], ...caller };
}
