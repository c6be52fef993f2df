/** A batch of ten thousand lines through a whole server with an engine that costs nothing: it ends, and memory stays flat. */
import OpenAI, { toFile } from 'openai';
import { startTestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

const LOOK_EVERY_MS = 1_000;

export interface BatchSoakReport {
  readonly lines: number;
  readonly completed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly lines_per_second: number;
  /** Of the process, which is server and client in one. */
  readonly heap_mib_before: number;
  readonly heap_mib_max: number;
  readonly rss_mib_before: number;
  readonly rss_mib_max: number;
}

export async function soakBatch(lines: number): Promise<BatchSoakReport> {
  const server = await startTestApp({}, { engine: zeroCostEngine() });
  try {
    const client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/v1`, maxRetries: 0 });
    await runBatch(client, Math.min(lines, 200), () => {});
    const before = memory();
    let heap_max = before.heap;
    let rss_max = before.rss;
    const began_at = Date.now();
    const counts = await runBatch(client, lines, () => {
      const { heap, rss } = memory();
      heap_max = Math.max(heap_max, heap);
      rss_max = Math.max(rss_max, rss);
    });
    const seconds = (Date.now() - began_at) / 1000;
    return {
      lines,
      ...counts,
      seconds,
      lines_per_second: Math.round(lines / seconds),
      heap_mib_before: before.heap,
      heap_mib_max: heap_max,
      rss_mib_before: before.rss,
      rss_mib_max: rss_max,
    };
  } finally {
    await server.close();
  }
}

async function runBatch(client: OpenAI, lines: number, look: () => void) {
  const text = Array.from({ length: lines }, (_, index) => requestLine(index)).join('\n');
  const file = await client.files.create({ file: await toFile(Buffer.from(text), 'lines.jsonl'), purpose: 'batch' });
  const endpoint = '/v1/images/generations';
  let batch = await client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' });
  while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    batch = await client.batches.retrieve(batch.id);
    look();
  }
  const { completed = 0, failed = 0 } = batch.request_counts ?? {};
  return { completed, failed };
}

function requestLine(index: number): string {
  const body = { model: 'gesso/sketch', prompt: `a red boat, number ${index}`, size: '64x64' };
  return JSON.stringify({ custom_id: `line-${index}`, method: 'POST', url: '/v1/images/generations', body });
}

/** Live bytes where the process lets us collect (`--expose-gc`). */
function memory(): { readonly heap: number; readonly rss: number } {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: Math.round(heapUsed / 2 ** 20), rss: Math.round(rss / 2 ** 20) };
}
