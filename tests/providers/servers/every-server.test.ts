/** What all provider servers have in common; each provider's own wire is in the test beside its server. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { type Answer, ask, stringsIn } from './ask.ts';
import type { ProviderServer, ServerOptions } from './kit.ts';
import { type Sample, samples } from './samples.ts';

const open: ProviderServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(sample: Sample, options?: ServerOptions): Promise<ProviderServer> {
  const server = await sample.start(options);
  open.push(server);
  return server;
}

async function run(server: ProviderServer, sample: Sample, timeout_ms = 2000): Promise<Answer> {
  const headers = sample.auth(server.key);
  const first = await ask(server, { ...sample.call, headers: { ...headers, ...sample.call.headers }, timeout_ms });
  return first.status >= 200 && first.status < 300 && sample.follow ? sample.follow(server, first, headers) : first;
}

/** The picture in an answer, whichever way it is delivered. */
async function pictureIn(server: ProviderServer, answer: Answer): Promise<Buffer> {
  if (answer.headers.get('content-type')?.startsWith('image/')) return answer.bytes;
  const strings = stringsIn(answer.json);
  const link = strings.find((one) => one.startsWith(new URL(server.base_url).origin) && one.includes('/files/'));
  if (link !== undefined) return (await ask(server, { path: link })).bytes;
  return Buffer.from(
    strings.reduce((long, one) => (one.length > long.length ? one : long), ''),
    'base64',
  );
}

describe.each(Object.entries(samples))('%s', (_, sample) => {
  test('delivers a real picture of the size that was asked for, another one each time', async () => {
    const server = await start(sample);
    for (let i = 0; i < 2; i++) {
      const file = await pictureIn(server, await run(server, sample));
      const { width, height } = await sharp(file).metadata();
      expect(`${width}x${height}`).toBe(sample.size);
      expect(createHash('sha256').update(file).digest('hex')).toBe(server.pictures[i]?.sha256);
    }
    expect(server.pictures).toHaveLength(2);
    expect(server.pictures[0]?.sha256).not.toBe(server.pictures[1]?.sha256);
    expect([server.submitted(), server.mayBeBilled()]).toEqual([2, 2]);
  });

  test('answers of any size are whole', async () => {
    const server = await start(sample, { answer_bytes: 900_000 });
    const file = await pictureIn(server, await run(server, sample));
    expect(file.length).toBeGreaterThan(670_000);
    expect(createHash('sha256').update(file).digest('hex')).toBe(server.pictures[0]?.sha256);
    await expect(sharp(file).toBuffer()).resolves.toBeDefined();
  });

  test('refuses a wrong key, and knows no other path or method', async () => {
    const server = await start(sample);
    const headers = sample.auth(server.key);
    if (sample.wrong_key !== null) {
      const wrong = await ask(server, { ...sample.call, headers: sample.auth('nobody') });
      expect(wrong.status).toBe(sample.wrong_key);
    }
    expect((await ask(server, { ...sample.call, path: '/no/such/path', headers })).status).toBe(404);
    expect((await ask(server, { path: sample.call.path, method: 'PATCH', headers })).status).toBe(404);
    expect(server.submitted()).toBe(0);
  });

  test('does everything that it says it can do, and then goes on well', async () => {
    const server = await start(sample);
    for (const [i, behaviour] of server.behaviours.entries()) {
      server.act({ ...behaviour, ms: 5 });
      const answer = await run(server, sample, behaviour.kind === 'silent' ? 60 : 2000);
      const text = JSON.stringify(behaviour);
      expect(
        server.requests.every(({ status }) => status !== 599),
        `${text}: ${answer.bytes}`,
      ).toBe(true);
      expect(server.submitted(), text).toBe(i + 1);
      if (behaviour.shape === 'answer' && ['silent', 'reset', 'cut'].includes(behaviour.kind))
        expect(answer.status, text).toBe(0);
    }
    const { width } = await sharp(await pictureIn(server, await run(server, sample))).metadata();
    expect(width).toBe(Number(sample.size.split('x')[0]));
  });

  test('is never told what the provider never does', async () => {
    const server = await start(sample);
    expect(() => server.act({ kind: 'ok', shape: 'no such shape' })).toThrow('never does');
    expect(server.behaviours.filter(({ shape }) => shape.includes(' '))).toEqual([]);
  });
});
