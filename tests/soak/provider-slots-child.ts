/** Goes through one gate as often as it may, and says when it was inside: by the machine's clock, which all processes share. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { createSharedGates } from '../../src/services/shared-gates.ts';
import { openBus } from '../../src/store/open-bus.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { silent } from '../store/database-under-test.ts';
import type { SlotsChild } from './provider-slots.ts';

const run = JSON.parse(process.argv[2] ?? '{}') as SlotsChild; // Written by our own parent.
const { database_url, gate: name, limits, window_ms, lease_ms, workers, hold_ms, duration_ms, pause } = run;
const { db, close } = await openDatabase({ database_url, data_dir: '', embedded: 'auto', pool_max: 3, log: silent });
const runner_id = `run:${process.pid}`;
const bus = await openBus({ db, listen_url: database_url, sender: runner_id, log: silent });
const clock = { now: () => Date.now() };
const gates = createSharedGates({ db, bus, clock, log: silent, lease: { runner_id, lease_ms }, window_ms });
const keeping = setInterval(() => void gates.keep(), lease_ms / 3);
const gate = gates.open(name, limits);
const now_ms = (): number => Number(process.hrtime.bigint()) / 1e6;

process.stdout.write('ready\n');
await sql`select pg_advisory_xact_lock_shared(hashtext(${name}))`.execute(db);
const began_ms = now_ms();
const visits: [number, number][] = [];
const work = async (): Promise<void> => {
  while (now_ms() - began_ms < duration_ms) {
    const entered = await gate.enter(1, Math.max(0, duration_ms - (now_ms() - began_ms)));
    if (typeof entered !== 'function') {
      await delay(5);
      continue;
    }
    const from = now_ms();
    if (hold_ms > 0) await delay(hold_ms);
    visits.push([from, now_ms()]);
    entered();
  }
};
let paused: [number, number] | null = null;
const pausing =
  pause === null
    ? Promise.resolve()
    : delay(pause.after_ms).then(() => {
        gate.pause(pause.pause_ms);
        const from = now_ms();
        paused = [from, from + pause.pause_ms];
      });
await Promise.all([pausing, ...Array.from({ length: workers }, work)]);
clearInterval(keeping);
await gates.close();
await bus.close();
await close();
process.stdout.write(`${JSON.stringify({ visits, paused })}\n`);
