/** Long polls: what thousands of them cost while nothing happens, and how soon all are answered when it does. */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { benchKey, makeDataDirectory, type ServerProcess, startServer } from '../support/server-process.ts';

const WAITERS = 5_000;
/** Each is waited for by a hundred. */
const JOBS = 50;
const IDLE_MS = 5_000;
const headers = { authorization: `Bearer ${benchKey}`, 'content-type': 'application/json' };

export const waiters: BenchPart = {
  name: 'waiters',
  async run() {
    const directory = await makeDataDirectory();
    const server = await startServer(directory.path, ['node', 'bin/gesso.js', 'serve']);
    const ids = await Promise.all(Array.from({ length: JOBS }, () => startJob(server)));
    await sleep(2_000);
    const before_mb = server.memoryMb();
    const agent = new Agent({ keepAlive: false, maxSockets: WAITERS });
    const answers = Array.from({ length: WAITERS }, (_, index) => wait(server, ids[index % JOBS] ?? '', agent));
    while ((await waitersAt(server)) < WAITERS) await sleep(100);
    await sleep(2_000);
    const open_mb = server.memoryMb();
    const cpu_before = server.cpuMs();
    await sleep(IDLE_MS);
    const idle_cpu = (server.cpuMs() - cpu_before) / IDLE_MS;
    const began = performance.now();
    await Promise.all(ids.map((id) => fetch(`${server.url}/v1/generations/${id}/cancel`, { method: 'POST', headers })));
    const states = await Promise.all(answers);
    const answered_ms = performance.now() - began;
    if (states.some((state) => state !== 'canceled')) throw new Error(`not all have ended: ${new Set(states)}`);
    await server.stop();
    await directory.remove();
    return [
      {
        name: `${WAITERS} long polls open, memory above idle`,
        value: open_mb - before_mb,
        unit: 'MB',
        goal: { below: 100 },
      },
      { name: 'processor time meanwhile, of one core', value: idle_cpu, unit: 'ratio', goal: { below: 0.05 } },
      { name: `all ${WAITERS} answered after the end`, value: answered_ms, unit: 'ms', goal: { below: 1000 } },
    ] satisfies Figure[];
  },
};

async function waitersAt({ url }: ServerProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^gesso_waiters (\d+)$/m.exec(text)?.[1] ?? 0);
}

async function startJob({ url }: ServerProcess): Promise<string> {
  const body = { model: 'seedream-4', input: { prompt: 'a cat', size: '64x64' }, wait: 0, simulate_delay_ms: 60_000 };
  const answer = await fetch(`${url}/v1/generations`, { method: 'POST', headers, body: JSON.stringify(body) });
  return ((await answer.json()) as { id: string }).id; // The shape is the document's.
}

function wait({ url }: ServerProcess, id: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${url}/v1/generations/${id}?wait=60`, { agent, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve((JSON.parse(text) as { status: string }).status)); // The shape is the document's.
    }).on('error', reject);
  });
}
