/** So many clients that each ask again as soon as they are answered; answers are drained and thrown away. */
import { Agent, request } from 'node:http';
import { quantile } from './statistics.ts';

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly concurrency: number;
  /** Requests in all; fewer where the time is up before. */
  readonly count: number;
  /** After which no request is begun any more. */
  readonly seconds_max: number;
}

export interface Measured {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly rate: number;
  readonly count: number;
  /** Of one answer. */
  readonly bytes: number;
  /** What came instead of a 200, one entry each. */
  readonly failures: readonly string[];
}

/** Only answers of 200 are timed. */
export async function closedLoop(load: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const failures: string[] = [];
  let left = load.count;
  let bytes = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (left > 0 && performance.now() - began < load.seconds_max * 1000) {
      left -= 1;
      const started = performance.now();
      try {
        bytes = await ask(agent, load);
        times.push(performance.now() - started);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: load.concurrency }, client));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return {
    p50_ms: quantile(times, 0.5),
    p99_ms: quantile(times, 0.99),
    rate: times.length / seconds,
    count: times.length,
    bytes,
    failures,
  };
}

function ask(agent: Agent, { url, headers, body }: Load): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asking = request(url, { agent, method: 'POST', headers: sent }, (answer) => {
      let bytes = 0;
      let head = '';
      answer.on('data', (chunk: Buffer) => {
        if (bytes === 0) head = chunk.subarray(0, 500).toString();
        bytes += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(bytes) : reject(new Error(`${url}: ${answer.statusCode} ${head}`)),
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
