/** Several processes before one gate on one PostgreSQL: never more inside than may be, and hardly ever fewer while others wait. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { TrafficLimits } from '../../src/core/routing/limits.ts';
import type { Db } from '../../src/store/tables.ts';
import { startScript } from '../store/start-script.ts';

export interface SlotsRun {
  readonly database_url: string;
  readonly limits: TrafficLimits;
  readonly window_ms: number;
  readonly lease_ms: number;
  /** Of each process. */
  readonly workers: number;
  readonly hold_ms: number;
  readonly duration_ms: number;
  /** Asked for by the first process. */
  readonly pause: { readonly after_ms: number; readonly pause_ms: number } | null;
}

export type SlotsChild = SlotsRun & { readonly gate: string };

/** Milliseconds of the machine's own clock. */
export type Span = readonly [from: number, until: number];

export interface SlotsResult {
  /** Of each process, in no order. */
  readonly visits: readonly (readonly Span[])[];
  readonly paused: Span | null;
}

/** All begin together, however long each takes to start: they wait for a lock that is given up when the last is there. */
export async function runProviderSlots(db: Db, run: SlotsRun, processes: number): Promise<SlotsResult> {
  const gate = `run:${randomUUID()}`;
  const children = await db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(hashtext(${gate}))`.execute(connection);
    const started = await Promise.all(
      Array.from({ length: processes }, (_, index) =>
        startSlotsChild({ ...run, gate, pause: index === 0 ? run.pause : null }),
      ),
    );
    await sql`select pg_advisory_unlock(hashtext(${gate}))`.execute(connection);
    return started;
  });
  const told = await Promise.all(
    children.map(async ({ lines }) => {
      const { value } = await lines.next();
      // What our own child has just written.
      return JSON.parse(value) as { visits: Span[]; paused: Span | null };
    }),
  );
  return { visits: told.map(({ visits }) => visits), paused: told[0]?.paused ?? null };
}

export function startSlotsChild(child: SlotsChild) {
  return startScript(join('..', '..', 'soak', 'provider-slots-child.ts'), [JSON.stringify(child)]);
}

/** The most that were inside at once. */
export function mostInside(visits: readonly Span[]): number {
  // Who leaves at the very moment when another comes makes room for it.
  const steps = visits.flatMap(([from, until]) => [[from, 1] as const, [until, -1] as const]);
  let inside = 0;
  let most = 0;
  for (const [, step] of steps.toSorted(([a, one], [b, other]) => a - b || one - other)) {
    inside += step;
    most = Math.max(most, inside);
  }
  return most;
}

/** Of all places over that time, the share that was taken. */
export function shareUsed(visits: readonly Span[], places: number, [from, until]: Span): number {
  const used = visits.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, until) - Math.max(a, from)), 0);
  return used / (places * (until - from));
}

/** The most that went in within any span of that length. */
export function mostWithin(visits: readonly Span[], window_ms: number): number {
  const times = visits.map(([from]) => from).toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - window_ms) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
