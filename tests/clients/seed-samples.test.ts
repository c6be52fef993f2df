/**
 * The seeds' samples through the programs that their readers use: curl, and the published `openai` and `requests` for
 * Python. Run by CI (`npm run test:clients`), which installs the latter two; GESSO_TEST_PYTHON names the interpreter.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

const run = promisify(execFile);
const python = process.env.GESSO_TEST_PYTHON ?? 'python3';

let server: TestApp;
let folder: string;
beforeAll(async () => {
  server = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'gesso-clients-'));
  for (const [name, background] of [
    ['one', '#c33'],
    ['two', '#3c3'],
    ['three', '#33c'],
  ] as const) {
    await sharp({ create: { width: 256, height: 256, channels: 4, background } })
      .png()
      .toFile(join(folder, `${name}.png`));
  }
  const hole = {
    input: { create: { width: 100, height: 100, channels: 4 as const, background: '#000' } },
    blend: 'dest-out' as const,
  };
  await sharp({ create: { width: 256, height: 256, channels: 4, background: '#fff' } })
    .composite([{ ...hole, left: 50, top: 50 }])
    .png()
    .toFile(join(folder, 'mask.png'));
});
afterAll(() => server.close());

async function runPython(program: string): Promise<string> {
  const path = join(folder, 'sample.py');
  await writeFile(path, program);
  const { stdout } = await run(python, [path], { cwd: folder });
  return stdout.trim();
}

const client = (): string => `from openai import OpenAI
client = OpenAI(base_url="${server.url}/v1", api_key="${testKeys.test}")
`;

async function dimensions(url: string): Promise<string> {
  const { width, height } = await sharp(Buffer.from(await (await fetch(url)).arrayBuffer())).metadata();
  return `${width}x${height}`;
}

test('seed 001 with curl itself', async () => {
  const { stdout } = await run('curl', [
    '-sS',
    '-X',
    'POST',
    `${server.url}/openai/v1/images/generations`,
    '-H',
    `Authorization: Bearer ${testKeys.test}`,
    '-H',
    'Content-Type: application/json',
    '-d',
    '{"model": "seedream-4", "prompt": "A beautiful sunset over mountains", "size": "1024x1024"}',
  ]);
  const { data } = JSON.parse(stdout) as { data: { url: string }[] };
  expect(await dimensions(data[0]?.url ?? '')).toBe('1024x1024');
});

test('seed 000 in Python, with URL and key changed, and the indentation that its page lost', async () => {
  const printed = await runPython(`import requests

# Create the generation. wait="auto" long-polls (up to 60s) so most short
# jobs return as "completed" in a single round-trip.
res = requests.post(
    "${server.url}/v1/generations",
    headers={"Authorization": "Bearer ${testKeys.test}"},
    json={
        "model": "seedream-4",
        "input": {"prompt": "A beautiful sunset over mountains"},
        "wait": "auto",
    },
)
job = res.json()

# If it didn't finish inside the wait window, poll the same resource.
while job["status"] in ("queued", "running"):
    res = requests.get(
        f"${server.url}/v1/generations/{job['id']}",
        params={"wait": 60},
        headers={"Authorization": "Bearer ${testKeys.test}"},
    )
    job = res.json()

if job["status"] == "completed":
    print("image:", job["output"]["media"][0]["url"])
else:
    print("Failed:", job["error"]["message"])
`);
  expect(printed).toMatch(/^image: http/);
  expect(await dimensions(printed.slice('image: '.length))).toBe('2048x2048');
});

test('the sample of docs/generations.md', async () => {
  const page = await readFile(new URL('../../docs/generations.md', import.meta.url), 'utf8');
  const program = /```python\n(.*?)```/s.exec(page)?.[1] ?? '';
  const printed = await runPython(
    program.replace('http://127.0.0.1:8080', server.url).replace('sk-test-…', testKeys.test),
  );
  const urls = printed.match(/http[^']+/g) ?? [];
  expect(await Promise.all(urls.map(dimensions))).toEqual(['2048x2048', '2048x2048']);
});

test('seed 003 in Python', async () => {
  const url = await runPython(`${client()}
r = client.images.generate(
    model="bytedance/seedream-4.0",
    prompt="a cyberpunk cat at sunset",
    size="1024x1024",
)
print(r.data[0].url)
`);
  expect(await dimensions(url)).toBe('1024x1024');
});

test('seed 001 in Python', async () => {
  const url = await runPython(`${client()}
response = client.images.generate(model="seedream-4", prompt="A beautiful sunset over mountains", size="1024x1024")
print(response.data[0].url)
`);
  expect(await dimensions(url)).toBe('1024x1024');
});

test('edits in Python: one picture, three pictures, a mask', async () => {
  const printed = await runPython(`${client()}
one = client.images.edit(model="seedream-4", image=open("one.png", "rb"), prompt="make it night", size="1024x1024")
three = client.images.edit(
    model="seedream-4", image=[open(f"{n}.png", "rb") for n in ("one", "two", "three")], prompt="combine these", size="1024x1024"
)
masked = client.images.edit(
    model="gesso/sketch", image=open("one.png", "rb"), mask=open("mask.png", "rb"), prompt="add a cat", size="256x256"
)
print(one.data[0].url, three.data[0].url, masked.data[0].url)
`);
  const [one, three, masked] = printed.split(' ');
  expect(await dimensions(one ?? '')).toBe('1024x1024');
  expect(await dimensions(three ?? '')).toBe('1024x1024');
  expect(await dimensions(masked ?? '')).toBe('256x256');
});

test('errors become the classes of the Python client', async () => {
  const printed = await runPython(`${client()}
import openai
for call in (
    lambda: client.images.generate(model="nonsense", prompt="x"),
    lambda: client.images.generate(model="seedream-4", prompt=""),
    lambda: OpenAI(base_url=str(client.base_url), api_key="sk-test-wrong").images.generate(model="seedream-4", prompt="x"),
):
    try:
        call()
    except openai.APIStatusError as error:
        print(type(error).__name__, error.status_code, error.code)
`);
  expect(printed.split('\n')).toEqual([
    'NotFoundError 404 model_not_found',
    expect.stringMatching(/^BadRequestError 400 /),
    'AuthenticationError 401 invalid_api_key',
  ]);
});

test('streams in Python', async () => {
  const printed = await runPython(`${client()}
stream = client.images.generate(model="gesso/sketch", prompt="a sailing boat", size="512x512", stream=True, partial_images=2)
print(" ".join(event.type for event in stream))
`);
  expect(printed).toMatch(/^(image_generation\.partial_image ){1,2}image_generation\.completed$/);
});
