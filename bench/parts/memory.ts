/** Memory of the server with its database: idle, and with sixteen pictures of 4096 x 4096 asked for at once. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { benchKey, makeDataDirectory, startServer } from '../support/server-process.ts';

const PICTURES = 16;
/** Long enough for start-up garbage to be collected and the engine's first worker, if any, to end. */
const IDLE_AFTER_MS = 5_000;

export const memory: BenchPart = {
  name: 'memory',
  async run() {
    const directory = await makeDataDirectory();
    const first = await startServer(directory.path);
    await first.stop();
    const server = await startServer(directory.path);
    await sleep(IDLE_AFTER_MS);
    const idle_mb = server.memoryMb();
    server.watchMemory();
    const started = performance.now();
    await Promise.all(Array.from({ length: PICTURES }, (_, seed) => draw(server.url, seed)));
    const seconds = (performance.now() - started) / 1000;
    const peak_mb = server.peakMb();
    await server.stop();
    await directory.remove();
    const figures: Figure[] = [
      { name: 'npm start to ready, new data directory', value: first.ready_ms / 1000, unit: 's', goal: { below: 5 } },
      {
        name: 'npm start to ready, existing data directory',
        value: server.ready_ms / 1000,
        unit: 's',
        goal: { below: 2 },
      },
      { name: 'idle memory, server and database (PSS)', value: idle_mb, unit: 'MB', goal: { below: 250 } },
      {
        name: `peak memory, ${PICTURES} generations of 4096x4096 at once (PSS)`,
        value: peak_mb,
        unit: 'MB',
        goal: { below: 1500 },
      },
      { name: `time for those ${PICTURES}, PNG`, value: seconds, unit: 's' },
    ];
    return figures;
  },
};

async function draw(url: string, seed: number): Promise<void> {
  const answer = await fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${benchKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gesso/sketch',
      prompt: 'a beautiful sunset over mountains',
      size: '4096x4096',
      seed,
    }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}
