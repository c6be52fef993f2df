/** Several processes at one bucket on one PostgreSQL: never more than the burst and what drips in, and hardly less. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTestDatabase } from '../store/database-under-test.ts';

export interface RateLimitRun {
  readonly database_url: string;
  readonly processes: number;
  readonly per_minute: number;
  readonly burst: number;
  readonly duration_ms: number;
}

export interface RateLimitResult {
  readonly admitted: number;
  /** The most that any span of time had over what it may have; at most 0 when the limit held. */
  readonly over: number;
  /** Of what could be had from the first to the last moment, burst included. */
  readonly share: number;
}

/** Floating point of the measure itself. */
export const RATE_ROUNDING = 1e-6;

const MINUTE_US = 60_000_000;

export async function runRateLimit(run: RateLimitRun): Promise<RateLimitResult> {
  const { database_url, processes, per_minute, burst, duration_ms } = run;
  const child = join(import.meta.dirname, 'rate-limit-child.ts');
  const line = [
    child,
    database_url,
    ...[per_minute, burst, duration_ms].map(String),
    `run:${process.pid}:${Math.random()}`,
  ];
  const outputs = await Promise.all(
    Array.from({ length: processes }, () =>
      promisify(execFile)(process.execPath, line, { maxBuffer: 64 * 1024 * 1024 }),
    ),
  );
  // What our own child has just written.
  const told = outputs.map(({ stdout }) => JSON.parse(stdout) as { first: number; times: number[] });
  const times = told.flatMap((one) => one.times).sort((one, other) => one - other);
  const from = Math.min(...told.map(({ first }) => first));
  const until = times.at(-1) ?? from;
  const could = burst + ((until - from) * per_minute) / MINUTE_US;
  return { admitted: times.length, over: mostOver(times, per_minute, burst), share: times.length / could };
}

/** A minute and a half on a database of its own. */
export async function runRateLimitSoak(): Promise<RateLimitResult> {
  const database = await openTestDatabase();
  try {
    const { url_for_children: database_url = '' } = database;
    return await runRateLimit({ database_url, processes: 4, per_minute: 6000, burst: 100, duration_ms: 90_000 });
  } finally {
    await database.close();
  }
}

/** Over all spans that begin and end with an admission: their count, less what they may have. */
export function mostOver(times: readonly number[], per_minute: number, burst: number): number {
  let most = Number.NEGATIVE_INFINITY;
  // With x(i) = i - rate * t(i), a span from i to j has 1 + x(j) - x(i) more than what drips in while it lasts.
  let lowest = Number.POSITIVE_INFINITY;
  for (const [index, time] of times.entries()) {
    const x = index - ((time - (times[0] ?? 0)) * per_minute) / MINUTE_US;
    lowest = Math.min(lowest, x);
    most = Math.max(most, 1 + x - lowest - burst);
  }
  return most;
}
