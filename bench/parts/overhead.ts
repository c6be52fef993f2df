/** What the server adds to a request when drawing costs nothing, beside a bare HTTP server with the same answer. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { BenchPart, Figure } from '../support/bench-part.ts';
import { benchKey, makeDataDirectory } from '../support/server-process.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

const SECONDS = 5;
const connections = [1, 32] as const;
const body = JSON.stringify({ model: 'gesso/sketch', prompt: 'a cat', size: '64x64', seed: 1 });

export const overhead: BenchPart = {
  name: 'overhead',
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
    const answer = await (await fetch(`${url}/v1/images/generations`, request())).text();
    const floor = createServer((req, res) => {
      req.resume().on('end', () => res.setHeader('content-type', 'application/json').end(answer));
    }).listen(0, '127.0.0.1');
    await once(floor, 'listening');
    const floorUrl = `http://127.0.0.1:${(floor.address() as AddressInfo).port}`; // It listens on a port.
    const figures: Figure[] = [];
    for (const count of connections) {
      const ours = await load(`${url}/v1/images/generations`, count);
      const bare = await load(floorUrl, count);
      const models = await load(`${url}/v1/models/gesso/sketch`, count, 'GET');
      figures.push(
        {
          name: `generation, ${count} at once, added p50`,
          value: ours.p50_ms - bare.p50_ms,
          unit: 'ms',
          beside: 'bare node:http',
        },
        {
          name: `generation, ${count} at once, added p99`,
          value: ours.p99_ms - bare.p99_ms,
          unit: 'ms',
          beside: 'bare node:http',
        },
        { name: `generation, ${count} at once`, value: ours.rate, unit: 'requests/s' },
        { name: `model page, ${count} at once`, value: models.rate, unit: 'requests/s' },
        { name: `bare node:http, ${count} at once`, value: bare.rate, unit: 'requests/s' },
      );
    }
    floor.close();
    await app.close();
    await directory.remove();
    return figures;
  },
};

function request(): { method: 'POST'; headers: Record<string, string>; body: string } {
  return {
    method: 'POST',
    headers: { authorization: `Bearer ${benchKey}`, 'content-type': 'application/json' },
    body,
  };
}

async function load(
  url: string,
  connectionCount: number,
  method: 'GET' | 'POST' = 'POST',
): Promise<{ readonly p50_ms: number; readonly p99_ms: number; readonly rate: number }> {
  const { headers } = request();
  const result = await autocannon({
    url,
    connections: connectionCount,
    duration: SECONDS,
    method,
    headers,
    ...(method === 'POST' ? { body } : {}),
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`);
  return { p50_ms: result.latency.p50, p99_ms: result.latency.p99, rate: result.requests.average };
}
