import type { Admitted } from './admitted.ts';
import type { ServiceParts } from './parts.ts';

/**
 * Wakes whoever waits for it, here and in other processes. Of a synchronous call only its own process knows at once: who
 * asks elsewhere looks again a little later, and what nobody waits for costs other processes nothing.
 */
export function announceEnd(
  { bus, ends }: Pick<ServiceParts, 'bus' | 'ends'>,
  { id, is_asynchronous }: Pick<Admitted, 'id' | 'is_asynchronous'>,
): void {
  if (is_asynchronous) bus.publish('ended', id);
  else ends.tell(id);
}
