import { requirePrincipal } from './authenticate.ts';
import { EventStream } from './event-stream.ts';
import { presentGeneration } from './present/generation.ts';
import type { RouteContext } from './route.ts';
import { goneSignal } from './wait-for-generation.ts';

/** Every change of a generation as a server-sent event with the whole resource, until it has ended or the client is gone. */
export async function streamGeneration({ req, reply, deps }: RouteContext<unknown>, id: string): Promise<unknown> {
  const principal = requirePrincipal(req);
  // An unknown id is an ordinary error status.
  await deps.services.getGeneration(principal, id);
  const events = new EventStream(deps.media.store, deps.settings.GESSO_STREAM_PING_MS);
  void deps.services
    .watchGeneration(principal, id, goneSignal(reply), (view) => {
      const data = JSON.stringify(presentGeneration(view, deps.publicUrl()));
      events.send([`event: generation.${view.status}\ndata: ${data}\n\n`]);
    })
    .catch((error: unknown) => deps.log.warn({ generation_id: id, err: error }, 'a generation could not be watched'))
    .finally(() => events.end());
  return reply
    .type('text/event-stream; charset=utf-8')
    .headers({ 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
    .send(events.readable);
}
