import type { DeliveredPicture, GenerationResult } from '../contracts/services.ts';
import { callHooks } from './call-headers.ts';
import { renderError } from './error-renderer.ts';
import { EventStream } from './event-stream.ts';
import { type ImagesCall, noteFailure, noteResult } from './images-call.ts';
import { patienceOf } from './patience.ts';
import { completedEvent, errorEvent, metadataEvent, partialEvent } from './present/image-events.ts';
import type { RouteContext } from './route.ts';
import { toGessoError } from './to-gesso-error.ts';

/**
 * The generation as server-sent events. What fails before the generation is accepted is an ordinary error status; from
 * then on the headers are out, and a failure is an event. A client that goes away changes nothing.
 */
export async function streamImages(context: RouteContext<unknown>, call: ImagesCall): Promise<unknown> {
  const { req, reply, deps, work } = context;
  const { principal, request, inputs } = call;
  const created = Math.floor(deps.clock.now() / 1000);
  let isAccepted = false;
  const accepted = Promise.withResolvers<void>();
  const events = new LateStream(() => new EventStream(deps.media.store, deps.settings.GESSO_STREAM_PING_MS));
  const last = new LastPicture(request.n, (picture, index, result) =>
    events.get().send(completedEvent(request, picture, index, { created }, result)),
  );
  const done = deps.services.generate(principal, request, inputs, {
    ...callHooks(req, reply, call.headers),
    ...patienceOf(req),
    onWork: (whole) => void work.track(whole).catch(() => undefined),
    onAccepted: (id) => {
      req.notes.request_id = id;
      isAccepted = true;
      accepted.resolve();
    },
    onPartial: (partial) => events.get().send(partialEvent(request, partial, created)),
    onPicture: (picture, index) => last.completed(picture, index),
  });
  void work.track(finish());
  await Promise.race([accepted.promise, done]);
  return reply
    .type('text/event-stream; charset=utf-8')
    .headers({ 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
    .send(events.get().readable);

  async function finish(): Promise<void> {
    try {
      const result = await done;
      noteResult(req.notes, deps.metrics, result);
      if (!last.finish(result)) events.get().send(metadataEvent(request, result));
    } catch (error) {
      noteFailure(req.notes, deps.metrics, error);
      if (!isAccepted) return; // The handler throws it, as a status.
      const known = toGessoError(error);
      req.notes.error_code = known.code;
      if (known.status >= 500) req.notes.cause = known.cause ?? known;
      events.get().send(errorEvent(renderError(known, deps.publicUrl()).body));
    }
    await events.get().end();
  }
}

/** Pings begin with the stream, so it is made when it is first needed and not for a request that fails at once. */
class LateStream {
  readonly #make: () => EventStream;
  #stream: EventStream | null = null;

  constructor(make: () => EventStream) {
    this.#make = make;
  }

  get(): EventStream {
    this.#stream ??= this.#make();
    return this.#stream;
  }
}

/** Sends every picture at once, but holds the last of the n back until the generation's metadata can go with it. */
class LastPicture {
  readonly #count: number;
  readonly #send: (picture: DeliveredPicture, index: number, result: GenerationResult | null) => void;
  #seen = 0;
  #held: { readonly picture: DeliveredPicture; readonly index: number } | null = null;

  constructor(
    count: number,
    send: (picture: DeliveredPicture, index: number, result: GenerationResult | null) => void,
  ) {
    this.#count = count;
    this.#send = send;
  }

  completed(picture: DeliveredPicture, index: number): void {
    this.#seen += 1;
    if (this.#seen >= this.#count) this.#held = { picture, index };
    else this.#send(picture, index, null);
  }

  /** False when no picture was left to carry the metadata: some of the n are missing. */
  finish(result: GenerationResult): boolean {
    if (this.#held === null) return false;
    this.#send(this.#held.picture, this.#held.index, result);
    return true;
  }
}
