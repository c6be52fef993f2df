/** Asynchronous generations: how many a second from end to end when drawing costs nothing, one by one and in batches. */
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { benchKey, makeDataDirectory } from '../support/server-process.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

const SECONDS = 5;
const LINES = 10_000;
const headers = { authorization: `Bearer ${benchKey}`, 'content-type': 'application/json' };
const input = { prompt: 'a cat', size: '64x64', seed: 1 };

export const jobs: BenchPart = {
  name: 'jobs',
  async run() {
    const directory = await makeDataDirectory();
    const config = loadConfig({
      PORT: '0',
      GESSO_DATA_DIR: directory.path,
      GESSO_TEST_KEY: benchKey,
      LOG_LEVEL: 'error',
    });
    const app = await createApp(config, { engine: zeroCostEngine });
    const url = await app.listen();
    const alone = await load(url, 1);
    const many = await load(url, 64);
    const batch_s = await runBatch(url);
    await app.close();
    await directory.remove();
    return [
      { name: 'queued, run and answered, 1 at once, p50', value: alone.p50_ms, unit: 'ms', goal: { below: 50 } },
      { name: 'jobs one by one, 64 callers', value: many.rate, unit: 'requests/s', goal: { above: 300 } },
      {
        name: `jobs in a batch of ${LINES}, from file to results`,
        value: LINES / batch_s,
        unit: 'requests/s',
        goal: { above: 1000 },
      },
    ] satisfies Figure[];
  },
};

async function load(url: string, connections: number): Promise<{ readonly rate: number; readonly p50_ms: number }> {
  const body = JSON.stringify({ model: 'gesso/sketch', input, wait: 'auto' });
  const result = await autocannon({
    url: `${url}/v1/generations`,
    method: 'POST',
    headers,
    body,
    connections,
    duration: SECONDS,
  });
  if (result.non2xx > 0) throw new Error(`${result.non2xx} calls failed`);
  return { rate: result.requests.average, p50_ms: result.latency.p50 };
}

/** Seconds from the creation of the batch until its results are there. */
async function runBatch(url: string): Promise<number> {
  const lines = Array.from({ length: LINES }, (_, index) =>
    JSON.stringify({
      custom_id: `line-${index}`,
      method: 'POST',
      url: '/v1/images/generations',
      body: { model: 'gesso/sketch', prompt: 'a cat', size: '64x64', seed: index },
    }),
  );
  const form = new FormData();
  form.set('purpose', 'batch');
  form.set('file', new File([lines.join('\n')], 'lines.jsonl'));
  const { authorization } = headers;
  const file = await json(fetch(`${url}/v1/files`, { method: 'POST', headers: { authorization }, body: form }));
  const wish = { input_file_id: file.id, endpoint: '/v1/images/generations', completion_window: '24h' };
  const began = performance.now();
  let batch = await json(fetch(`${url}/v1/batches`, { method: 'POST', headers, body: JSON.stringify(wish) }));
  while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
    await sleep(100);
    batch = await json(fetch(`${url}/v1/batches/${batch.id}`, { headers }));
  }
  if (batch.request_counts?.completed !== LINES) throw new Error(`the batch ended as ${JSON.stringify(batch)}`);
  return (performance.now() - began) / 1000;
}

interface Answer {
  readonly id: string;
  readonly status: string;
  readonly request_counts?: { readonly completed: number };
}

async function json(answer: Promise<Response>): Promise<Answer> {
  return (await (await answer).json()) as Answer; // The shape is the document's.
}
