/** Places at providers, shared by all processes: who is inside, by the database's clock. */
import { sql } from 'kysely';
import type { TrafficLimits } from '../core/routing/limits.ts';
import type { Lease } from './generations.ts';
import type { Db } from './tables.ts';

export interface GateWish {
  readonly gate: string;
  readonly lease: Lease;
  readonly limits: TrafficLimits;
  /** What the limits by the minute count over. */
  readonly window_ms: number;
  /** Places that this process holds, whatever it said before. */
  readonly held: number;
  /** Who waits here, in the order in which they are let in. */
  readonly waiting: readonly { readonly waited_ms: number; readonly images: number }[];
}

export interface GateAnswer {
  /** The first so many of those that wait. */
  readonly admitted: number;
  /** When the next may come in, as far as is known. */
  readonly opens_in_ms: number | null;
  readonly paused_ms: number;
  /** Whether somebody waits in another process. */
  readonly others_wait: boolean;
}

/** One statement, outside of transactions: the gate is locked for as long as it takes and no longer. */
export async function passGate(db: Db, wish: GateWish): Promise<GateAnswer> {
  const { gate, lease, limits, window_ms, held, waiting } = wish;
  const { concurrent_max = null, requests_per_minute = null, images_per_minute = null } = limits;
  const waits_ms = waiting.map(({ waited_ms }) => Math.max(0, Math.round(waited_ms)));
  const images = waiting.map((one) => one.images);
  const { rows } = await sql<GateAnswer>`
    select * from gesso_pass_gate(${gate}, ${lease.runner_id}, ${lease.lease_ms}::integer, ${held}::integer,
      ${waits_ms}::integer[], ${images}::integer[], ${concurrent_max}::integer, ${requests_per_minute}::integer,
      ${images_per_minute}::integer, ${window_ms}::integer)
  `.execute(db);
  const [answer] = rows;
  if (answer === undefined) throw new Error(`The gate ${gate} gave no answer.`);
  return answer;
}

/** A pause that is longer already stays. */
export async function pauseGate(db: Db, gate: string, pause_ms: number): Promise<void> {
  await sql`
    insert into provider_gates as known (gate, paused_until)
    values (${gate}, clock_timestamp() + ${pause_ms} * interval '1 millisecond')
    on conflict (gate) do update set paused_until = greatest(known.paused_until, excluded.paused_until)
  `.execute(db);
}

export interface Pause {
  readonly gate: string;
  readonly paused_ms: number;
}

export async function readPauses(db: Db): Promise<readonly Pause[]> {
  const { rows } = await sql<Pause>`
    select gate, extract(epoch from paused_until - clock_timestamp())::float8 * 1000 as paused_ms
    from provider_gates where paused_until > clock_timestamp()
  `.execute(db);
  return rows;
}

/** Gives back all places of a process that ends. */
export async function leaveGates(db: Db, runner_id: string): Promise<void> {
  await sql`delete from provider_slots where runner_id = ${runner_id}`.execute(db);
}

/** Removes what dead processes left: their places count no more since their lease ended. */
export async function dropDeadSlots(db: Db, dead_ms: number): Promise<void> {
  await sql`
    delete from provider_slots where lease_until < clock_timestamp() - ${dead_ms} * interval '1 millisecond'
  `.execute(db);
}
