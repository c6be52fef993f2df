import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { HttpDependencies } from './dependencies.ts';
import type { WorkInHand } from './work-in-hand.ts';

/**
 * Makes `close()` graceful: from its first moment /readyz says no and new calls are told to go elsewhere, while what was
 * begun is finished, up to GESSO_SHUTDOWN_TIMEOUT_MS; then what is left is given up, and its callers are told where to find it: an SDK whose
 * connection is cut sends the same again by itself, which would be made, and paid, twice.
 */
export function finishBeforeClosing(app: FastifyInstance, deps: HttpDependencies, work: WorkInHand): void {
  app.addHook('preClose', async () => {
    deps.readiness.draining = true;
    const timeout_ms = deps.settings.GESSO_SHUTDOWN_TIMEOUT_MS;
    if (work.count > 0) deps.log.info({ in_hand: work.count, timeout_ms }, 'finishing the work in hand');
    const waiting = new AbortController();
    const timeUp = sleep(timeout_ms, 'time is up' as const, { signal: waiting.signal }).catch(() => 'idle' as const);
    const allDone = Promise.all([work.idle(), deps.drain()]).then(() => 'idle' as const);
    const outcome = await Promise.race([allDone, timeUp]);
    waiting.abort();
    if (outcome === 'time is up') {
      deps.log.warn({ in_hand: work.count }, 'work was left unfinished');
      deps.giveUp();
      await Promise.race([work.idle(), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    }
    cutConnections(app, outcome === 'time is up' ? LAST_WORDS_MS : ANSWERS_TAKEN_WITHIN_MS);
  });
}

/** The answers are made by then; a client that does not take them in this time holds up the shutdown no longer. */
const ANSWERS_TAKEN_WITHIN_MS = 5_000;
/** For answers to those whose work was given up. */
const LAST_WORDS_MS = 1_000;
const LOOK_FOR_IDLE_EVERY_MS = 50;

/** Connections that clients keep open for later requests go as soon as their last answer is out, the rest in the end. */
function cutConnections(app: FastifyInstance, after_ms: number): void {
  const idle = setInterval(() => app.server.closeIdleConnections(), LOOK_FOR_IDLE_EVERY_MS);
  const all = setTimeout(() => app.server.closeAllConnections(), after_ms);
  app.server.once('close', () => {
    clearInterval(idle);
    clearTimeout(all);
  });
  idle.unref();
  all.unref();
}
