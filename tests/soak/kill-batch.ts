/**
 * Kills the whole server while it works on a batch, at any moment from the reading of the file to the writing of the
 * results: in the end every line stands in one of the two files, once, and the books agree.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import OpenAI, { toFile } from 'openai';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { stopPostmaster } from '../../src/store/embedded/postmaster.ts';
import { makeCustomer, startServer, verifyBooks } from './kill-server.ts';
import { randomFrom } from './random-from.ts';

export interface KillBatchResult {
  readonly batches: number;
  /** In which state the batch was when the server died, as far as clients knew. */
  readonly killed_in: Readonly<Record<string, number>>;
  readonly completed: number;
  /** Lines that were cut while a provider was at work. */
  readonly interrupted: number;
  /** Lines that are missing, stand twice or failed otherwise, and faults of the books: must be empty. */
  readonly faults: readonly string[];
}

const KILLS_PER_BATCH = 3;
const LIVES_MS_MAX = 1_500;
/** Of each ten lines one is paid for. */
const PAID_EVERY = 10;
const PAID = { model: 'fal/seedream-4', prompt: 'a red boat', size: '1K' };
const FREE = { model: 'gesso/sketch', prompt: 'a red boat', size: '64x64' };
const ENDED = ['completed', 'failed', 'expired', 'cancelled'];

interface Tally {
  readonly killed_in: Record<string, number>;
  completed: number;
  interrupted: number;
  readonly faults: string[];
}

export async function killBatchLoop(options: {
  readonly batches: number;
  readonly lines: number;
  readonly kind: 'embedded' | 'pglite';
  readonly seed: number;
}): Promise<KillBatchResult> {
  const { batches, lines, kind, seed } = options;
  const data_dir = await mkdtemp(join(tmpdir(), 'gesso-kill-batch-'));
  const random = randomFrom(seed);
  const tally: Tally = { killed_in: {}, completed: 0, interrupted: 0, faults: [] };
  try {
    let server = await startServer(data_dir, kind);
    const key = await makeCustomer(server.url);
    const clientOf = (url: string): OpenAI => new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
    for (let count = 0; count < batches; count += 1) {
      const id = await createBatch(clientOf(server.url), lines);
      for (let kill = 0; kill < KILLS_PER_BATCH; kill += 1) {
        await delay(random() * LIVES_MS_MAX);
        const { status } = await clientOf(server.url).batches.retrieve(id);
        tally.killed_in[status] = (tally.killed_in[status] ?? 0) + 1;
        server.child.kill('SIGKILL');
        await once(server.child, 'exit');
        server = await startServer(data_dir, kind);
      }
      await checkBatch(clientOf(server.url), id, lines, tally);
      tally.faults.push(...(await verifyBooks(server.url)).faults);
    }
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
    return { batches, ...tally };
  } finally {
    const cluster = await findCluster(data_dir);
    if (cluster !== null) await stopPostmaster(cluster);
    await rm(data_dir, { recursive: true, force: true });
  }
}

async function createBatch(client: OpenAI, lines: number): Promise<string> {
  const endpoint = '/v1/images/generations';
  const text = Array.from({ length: lines }, (_, index) => {
    const body = index % PAID_EVERY === 0 ? PAID : FREE;
    return JSON.stringify({ custom_id: `line-${index}`, method: 'POST', url: endpoint, body });
  }).join('\n');
  const file = await client.files.create({ file: await toFile(Buffer.from(text), 'lines.jsonl'), purpose: 'batch' });
  return (await client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })).id;
}

async function checkBatch(client: OpenAI, id: string, lines: number, tally: Tally): Promise<void> {
  let batch = await client.batches.retrieve(id);
  while (!ENDED.includes(batch.status)) {
    await delay(100);
    batch = await client.batches.retrieve(id);
  }
  if (batch.status !== 'completed') tally.faults.push(`${id} is ${batch.status}: ${JSON.stringify(batch.errors)}`);
  const output = await readLines(client, batch.output_file_id);
  const failed = await readLines(client, batch.error_file_id);
  const names = [...output, ...failed].map(({ custom_id }) => custom_id);
  if (names.length !== lines || new Set(names).size !== lines) {
    tally.faults.push(`${id}: ${lines} lines became ${names.length}, of ${new Set(names).size} names`);
  }
  for (const line of failed) {
    const code = line.response?.body.error?.code ?? line.error?.code;
    if (code === 'interrupted') tally.interrupted += 1;
    else tally.faults.push(`${id}: ${JSON.stringify(line)}`);
  }
  tally.completed += output.length;
}

interface Line {
  readonly custom_id: string;
  readonly response: { readonly body: { readonly error?: { readonly code: string } } } | null;
  readonly error: { readonly code: string } | null;
}

async function readLines(client: OpenAI, file_id: string | null | undefined): Promise<Line[]> {
  if (file_id == null) return [];
  const text = await (await client.files.content(file_id)).text();
  // Our own lines, by their document.
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
}
