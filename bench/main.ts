/**
 * `npm run bench [part …] [-- --json]`: measures, and prints a table and JSON. Nothing here passes or fails: figures
 * are judged by a person, ratios before absolute times, since machines differ and are shared.
 */
import { cpus, totalmem } from 'node:os';
import { admission } from './parts/admission.ts';
import { convert } from './parts/convert.ts';
import { gateway } from './parts/gateway.ts';
import { jobs } from './parts/jobs.ts';
import { mediaStore } from './parts/media-store.ts';
import { memory } from './parts/memory.ts';
import { overhead } from './parts/overhead.ts';
import { sketch } from './parts/sketch.ts';
import { waiters } from './parts/waiters.ts';
import type { Figure } from './support/bench-part.ts';

const parts = [sketch, convert, overhead, admission, jobs, waiters, memory, gateway];
// It needs a server that npm does not bring.
if (process.env.GESSO_TEST_S3_SERVER !== undefined) parts.push(mediaStore);

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const jsonOnly = process.argv.includes('--json');
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};

const results: Record<string, Figure[]> = {};
for (const part of parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  if (!jsonOnly) process.stderr.write(`${part.name} …\n`);
  results[part.name] = await part.run();
}
if (!jsonOnly) {
  for (const [name, figures] of Object.entries(results)) {
    console.log(`\n${name}`);
    for (const figure of figures) console.log(`  ${line(figure)}`);
  }
  console.log('');
}
console.log(JSON.stringify({ machine, results }));

function line({ name, value, unit, goal, beside }: Figure): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const limit = goal === undefined ? '' : 'below' in goal ? `goal < ${goal.below}` : `goal > ${goal.above}`;
  const figure = `${value.toFixed(digits)} ${unit === 'ratio' ? '×' : unit}`;
  return `${name.padEnd(62)} ${figure.padStart(16)}  ${[limit, beside && `beside ${beside}`].filter(Boolean).join(', ')}`.trimEnd();
}
