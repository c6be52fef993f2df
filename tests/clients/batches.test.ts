/** Files and batches through the published `openai` for Python. Run by CI (`npm run test:clients`). */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

const run = promisify(execFile);
const python = process.env.GESSO_TEST_PYTHON ?? 'python3';

let server: TestApp;
let folder: string;
beforeAll(async () => {
  server = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'gesso-batches-'));
  await writeFile(join(folder, 'one.png'), await makeFile('png', makePixels(64, 64)));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function runPython(program: string): Promise<string> {
  const path = join(folder, 'sample.py');
  const client = `import json, time
from openai import OpenAI
client = OpenAI(base_url="${server.url}/v1", api_key="${testKeys.test}")

def ended(batch):
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        time.sleep(0.1)
        batch = client.batches.retrieve(batch.id)
    return batch

def create(lines, endpoint="/v1/images/generations"):
    text = "\\n".join(json.dumps({"custom_id": name, "method": "POST", "url": endpoint, "body": body}) for name, body in lines)
    file = client.files.create(file=("lines.jsonl", text.encode()), purpose="batch")
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", metadata={"a": "b"})
`;
  await writeFile(path, client + program);
  const { stdout } = await run(python, [path], { cwd: folder });
  return stdout.trim();
}

test('files: upload, list, get, content, delete', async () => {
  const printed = await runPython(`
file = client.files.create(
    file=("notes.txt", b"hello"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600}
)
print(file.bytes, file.filename, file.expires_at - file.created_at)
print([found.id == file.id for found in client.files.list(purpose="user_data")])
print(client.files.retrieve(file.id).id == file.id, client.files.content(file.id).text)
print(client.files.delete(file.id).deleted)
`);
  expect(printed.split('\n')).toEqual(['5 notes.txt 3600', '[True]', 'True hello', 'True']);
});

test('batches: generations, edits by file_id, faults, cancel, list', async () => {
  const printed = await runPython(`
sketch = {"model": "gesso/sketch", "prompt": "a red boat", "size": "64x64"}
batch = ended(create([("one", sketch), ("two", {**sketch, "n": 2})]))
print(batch.status, batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed, batch.metadata)
lines = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
print([(line["custom_id"], line["response"]["status_code"], len(line["response"]["body"]["data"])) for line in lines])

picture = client.files.create(file=open("one.png", "rb"), purpose="vision")
edit = {**sketch, "prompt": "make it night", "images": [{"file_id": picture.id}]}
print(ended(create([("edit", edit)], "/v1/images/edits")).status)

faulty = ended(create([("one", sketch), ("one", {**sketch, "n": 11})]))
print(faulty.status, [(error.line, error.code) for error in faulty.errors.data])

print(client.batches.cancel(create([("slow", {**sketch, "simulate_delay_ms": 500})]).id).status)
print(len(list(client.batches.list(limit=2))))
`);
  expect(printed.split('\n')).toEqual([
    "completed 2 2 0 {'a': 'b'}",
    "[('one', 200, 1), ('two', 200, 2)]",
    'completed',
    "failed [(2, 'duplicate_custom_id'), (2, 'invalid_value')]",
    'cancelling',
    '4',
  ]);
});

test('the sample of docs/batches.md', async () => {
  const page = await readFile(new URL('../../docs/batches.md', import.meta.url), 'utf8');
  const block = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page)?.[1] ?? '';
  await writeFile(join(folder, 'requests.jsonl'), block('json'));
  const program = block('python').replace('http://127.0.0.1:8080', server.url).replace('sk-test-…', testKeys.test);
  const lines = (await runPython(program)).split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ custom_id }) => custom_id)).toEqual(['boat', 'set']);
  expect(lines).toMatchObject([{ response: { status_code: 200 } }, { response: { status_code: 200 } }]);
});
