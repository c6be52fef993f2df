/** `npm run soak [-- rounds]`: the long forms of what `npm test` runs briefly. Ends with code 1 when anything was lost. */
import { runChaos } from '../chaos/chaos.ts';
import { soakBatch } from './batch.ts';
import { killBatchLoop } from './kill-batch.ts';
import { killFleet, longForm } from './kill-fleet.ts';
import { killServerLoop } from './kill-server.ts';
import { killStoreLoop } from './kill-store.ts';
import { RATE_ROUNDING, runRateLimitSoak } from './rate-limit.ts';

const rounds = Number(process.argv[2] ?? 50);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
let failed = false;

const FLEET_S = 300;
const UPGRADES_S = 60;
const CHAOS_REQUESTS = 2_000;
/** What the provider servers remember of each request is in there too. */
const GROWTH_MB_MAX = 300;
const BATCH_LINES = 10_000;
/** Server and client in one process. */
const BATCH_GROWTH_MIB_MAX = 250;

const chaos = await runChaos({ requests: CHAOS_REQUESTS, seed, concurrency: 32 });
failed ||= chaos.faults.length > 0 || chaos.growth_mb > GROWTH_MB_MAX;
console.log(
  `chaos, ${CHAOS_REQUESTS} requests (seed ${seed}): ${chaos.ended.success} successes, ${chaos.ended.refusal} refusals, ` +
    `${chaos.ended.error} errors, ${chaos.ended.left} clients gone; ${chaos.calls} calls, ${chaos.pictures} pictures, ` +
    `${chaos.faults.length} faults, ${Math.round(chaos.growth_mb)} MB grown, ${Math.round(chaos.seconds)} s`,
);
for (const fault of chaos.faults) console.log(`  ${fault}`);
if (chaos.never_acted.length > 0) console.log(`  never met: ${chaos.never_acted.join(', ')}`);

for (const kind of ['embedded', 'pglite'] as const) {
  const store = await killStoreLoop({ rounds, kind, seed });
  failed ||= store.lost.length > 0 || store.halves.length > 0;
  console.log(
    `store, ${kind}, ${rounds} kills (seed ${seed}): ${store.acknowledged} rows acknowledged, ${store.lost.length} lost, ${store.halves.length} half`,
  );
  const server = await killServerLoop({ rounds, kind, seed });
  failed ||= server.faults.length > 0 || server.left_running > 0 || !server.planted_found;
  const slowest = Math.round(Math.max(...server.restarts_ms));
  console.log(
    `server, ${kind}, ${rounds} kills (seed ${seed}): ${server.acknowledged} pictures acknowledged, ` +
      `${server.faults.length} lost or damaged, ${server.left_running} left running, slowest restart ${slowest} ms, ` +
      `${server.paid_micros} micro-dollars paid, planted fault ${server.planted_found ? 'found' : 'MISSED'}`,
  );
  for (const fault of server.faults) console.log(`  ${fault}`);
}
const killed = await killBatchLoop({ batches: Math.ceil(rounds / 5), lines: 60, kind: 'embedded', seed });
failed ||= killed.faults.length > 0;
console.log(
  `killed batches, ${killed.batches} of 60 lines (seed ${seed}): ${killed.completed} lines completed, ${killed.interrupted} interrupted, ` +
    `killed in ${JSON.stringify(killed.killed_in)}, ${killed.faults.length} faults`,
);
for (const fault of killed.faults) console.log(`  ${fault}`);
const batch = await soakBatch(BATCH_LINES);
failed ||= batch.completed !== BATCH_LINES || batch.rss_mib_max - batch.rss_mib_before > BATCH_GROWTH_MIB_MAX;
console.log(
  `batch, ${BATCH_LINES} lines: ${batch.completed} completed, ${batch.failed} failed, ${Math.round(batch.seconds)} s, ` +
    `heap ${batch.heap_mib_before} to ${batch.heap_mib_max} MiB, resident ${batch.rss_mib_before} to ${batch.rss_mib_max} MiB`,
);

const fleet = await killFleet({ ...longForm, seconds: FLEET_S, seed });
failed ||= fleet.faults.length > 0 || fleet.missed.length > 0;
console.log(
  `fleet of 3, ${FLEET_S} s (seed ${seed}): ${fleet.kills} kills, ${fleet.stops} stops, ${fleet.holds} held; ` +
    `${fleet.accepted} jobs accepted, ${fleet.taken_over} taken over, ${fleet.pictures} pictures, ` +
    `${fleet.webhooks.arrivals} webhooks of ${fleet.webhooks.jobs} jobs, ${fleet.faults.length} faults, ` +
    `planted faults missed: ${fleet.missed.join(', ') || 'none'}, slowest restart ${Math.round(fleet.slowest_restart_ms)} ms`,
);
for (const fault of fleet.faults) console.log(`  ${fault}`);

const upgrades = await killFleet({ ...longForm, seconds: UPGRADES_S, seed, only_stops: true });
failed ||= upgrades.faults.length > 0 || upgrades.interrupted > 0;
console.log(
  `upgrades of a fleet of 3, ${UPGRADES_S} s (seed ${seed}): ${upgrades.stops} orderly stops, ${upgrades.accepted} jobs accepted, ` +
    `${upgrades.taken_over} handed over, ${upgrades.interrupted} interrupted, ${upgrades.faults.length} faults`,
);
for (const fault of upgrades.faults) console.log(`  ${fault}`);

const rate = await runRateLimitSoak();
failed ||= rate.over > RATE_ROUNDING || rate.share < 0.95;
console.log(
  `rate limit, 4 processes: ${rate.admitted} admitted, ${rate.over.toFixed(3)} over in the worst span, ${(rate.share * 100).toFixed(2)} % of it usable`,
);
process.exit(failed ? 1 : 0);
