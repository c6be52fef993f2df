import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { bindingsSchema } from '../core/engines/binding-schema.ts';
import { adapterNames } from '../core/engines/engine-schema.ts';
import { presetNames } from '../core/engines/wire-presets.ts';
import { wireSchema } from '../core/engines/wire-schema.ts';
import { limitsOfProviders } from '../core/routing/limits.ts';
import { CatalogError, faultLine, readCatalogWithEngines } from './read-catalog.ts';
import { readEngineKeys } from './read-engines.ts';

const example = fileURLToPath(new URL('../../examples/engines.toml', import.meta.url));

async function fileOf(text: string, workflow = ''): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gesso-engines-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'engines.toml'), text);
  await writeFile(join(directory, 'graph.json'), workflow);
  return join(directory, 'engines.toml');
}

async function faultsOf(text: string, workflow?: string): Promise<string[]> {
  const file = await fileOf(text, workflow);
  const error: unknown = await readCatalogWithEngines(file).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CatalogError)) throw error ?? new Error('the file has no fault');
  return error.faults.map(faultLine);
}

const engine = (rest: string): string => `[[engines]]
id = "one"
adapter = "sd-server"
base_url = "http://127.0.0.1:1234"
${rest}`;

test('the example is valid, and its models are models like any other', async () => {
  const catalog = await readCatalogWithEngines(example);
  expect(catalog.resolve('z-image')).toMatchObject({ model: { id: 'own/z-image-turbo', lab: 'own' }, offer: null });
  expect(catalog.resolve('own/qwen-image')?.model.offers.map(({ pin }) => pin)).toEqual([
    'omni/qwen-image',
    'omni/qwen-image-edit',
    'sglang/qwen-image',
    'sglang/qwen-image-edit',
  ]);
  const limits = limitsOfProviders(catalog.providers.values());
  expect(limits.get('attic')).toEqual({ concurrent_max: 1 });
  expect(limits.get('omni')).toEqual({ concurrent_max: 4 });
  expect(catalog.providers.get('gateway')).toMatchObject({
    adapter: 'openai-compatible',
    key_variables: ['GATEWAY_API_KEY'],
    options: { may_bill: true, headers: { 'x-team': 'design' }, error_path: 'error.detail' },
  });
  expect(catalog.providers.get('attic')).toMatchObject({ key_variables: [], options: { may_bill: false } });
});

test('an engine becomes one more place to get a known model from', async () => {
  const catalog = await readCatalogWithEngines(example);
  const model = catalog.models.get('stability/stable-diffusion-3.5-large');
  expect(model?.offers.map(({ pin }) => pin)).toContain('cellar/sd3.5-large');
  expect(catalog.resolve('cellar/sd3.5-large')?.offer?.prices).toMatchObject([{ price_usd: '0' }]);
});

test('without a file the catalogue is as it ships', async () => {
  const catalog = await readCatalogWithEngines(undefined);
  expect([...catalog.providers.values()].filter(({ options }) => options !== undefined)).toEqual([]);
});

test('every fault of the file is told at once, each with its place', async () => {
  expect(
    await faultsOf(`
[[engines]]
id = "One"
adapter = "sd-server"
base_url = "ftp://here"
key_variable = "lower"
preset = "localai"
colour = "red"
models = [{ id = "m", workflow = "x.json", price_usd = "free", sizes = { side_min = 9, side_max = 8 } }]

[[engines]]
id = "two"
adapter = "openai-compatible"
base_url = "http://127.0.0.1"
models = [{ id = "m", modes = ["edit"], edits_by = "start" }]
wire = { size = "square", n_max = 0 }

[[engines]]
id = "three"
adapter = "comfyui"
base_url = "http://127.0.0.1:8188"
models = []
`),
  ).toEqual([
    'engines.toml: engines[0].id: use lower-case letters, digits, - and .',
    'engines.toml: engines[0].base_url: write an http or https URL',
    'engines.toml: engines[0].key_variable: write an environment variable in capitals',
    'engines.toml: engines[0].models[0].price_usd: write dollars as a string with at most six decimals, e.g. "0.002"',
    'engines.toml: engines[0].models[0].sizes.side_min: `side_min` is larger than `side_max`',
    'engines.toml: engines[0].colour: is not a field of the schema',
    'engines.toml: engines[0].preset: is for adapter "openai-compatible" only',
    'engines.toml: engines[0].models[0].workflow: is for adapter "comfyui" only',
    'engines.toml: engines[1].wire.size: Invalid option: expected one of "wxh"|"width_height"|"aspect_ratio"|"aspect_resolution"',
    'engines.toml: engines[1].wire.n_max: Too small: expected number to be >0',
    'engines.toml: engines[2].models: declare at least one model',
  ]);
});

test.each([
  [
    'an id that a provider has',
    engine('models = [{ id = "m" }]').replace('"one"', '"fal"'),
    'engines.toml: engines[0].id: "fal" is a provider already: choose another id',
  ],
  [
    'a model that nobody knows',
    engine('models = [{ id = "m", model = "lab/none" }]'),
    'engines.toml: engines[0].models[0].model: the catalogue has no model "lab/none": leave `model` out to make one of your own',
  ],
  [
    'an alias of a model that has its own',
    engine('models = [{ id = "m", model = "bytedance/seedream-4.0", aliases = ["mine"] }]'),
    'engines.toml: engines[0].models[0].aliases: belong to a model of your own: one of the catalogue has its own',
  ],
  [
    'an alias that is taken',
    engine('models = [{ id = "m", aliases = ["sketch"] }]'),
    'engines.toml: engines[0].models[0]: aliases[1]: the id "sketch" is taken by gesso/sketch',
  ],
  [
    'bounds that contradict each other',
    engine('models = [{ id = "m", sizes = { side_min = 100, side_max = 120, multiple = 64 } }]'),
    'engines.toml: engines[0].models[0]: size',
  ],
  [
    'what belongs to another adapter',
    engine('preset = "localai"\nmodels = [{ id = "m" }]'),
    'engines.toml: engines[0].preset: is for adapter "openai-compatible" only',
  ],
  ['no TOML', '[[engines', 'engines.toml: line 1'],
])('%s is a fault', async (_, text, line) => {
  expect((await faultsOf(text)).join('\n')).toContain(line);
});

const comfyui = (bindings: string): string => `
[[engines]]
id = "comfy"
adapter = "comfyui"
base_url = "http://127.0.0.1:8188"
models = [{ id = "m", workflow = "graph.json", bindings = ${bindings} }]`;
const graph = '{"3":{"class_type":"KSampler","inputs":{"seed":1}},"6":{"class_type":"Text","inputs":{"text":""}}}';

test.each([
  [
    '{ prompt = ["6", "text"], seed = ["3", "noise"] }',
    graph,
    'bindings.seed: "graph.json" has no input noise at node 3',
  ],
  [
    '{ prompt = ["7", "text"], seed = ["3", "seed"] }',
    graph,
    'bindings.prompt: "graph.json" has no input text at node 7',
  ],
  [
    '{ prompt = ["6", "text"], seed = ["3", "seed"], output_node = "9" }',
    graph,
    'bindings.output_node: "graph.json" has no node 9',
  ],
  [
    '{ prompt = ["6", "text"], seed = ["3", "seed"] }',
    '{"nodes":[]}',
    'workflow: "graph.json" is no graph in API format',
  ],
  ['{ prompt = ["6", "text"], seed = ["3", "seed"] }', '{', 'workflow: "graph.json" is not JSON'],
  ['{ prompt = ["6", "text"] }', graph, 'bindings.seed: Invalid input'],
])('a graph that does not fit its bindings is a fault: %s', async (bindings, workflow, line) => {
  expect((await faultsOf(comfyui(bindings), workflow)).join('\n')).toContain(line);
});

test('a file that is not there is a fault', async () => {
  await expect(readCatalogWithEngines('/nowhere/engines.toml')).rejects.toThrow('engines.toml: cannot be read');
});

test('keys come from the environment, or from files that it names', async () => {
  const file = await fileOf('secret-in-a-file\n');
  const catalog = await readCatalogWithEngines(example);
  const environment = { LOCALAI_API_KEY: 'local', FORGE_LOGIN_FILE: file, OTHER: 'no' };
  expect(await readEngineKeys(catalog.providers.values(), environment)).toEqual({
    LOCALAI_API_KEY: 'local',
    GATEWAY_API_KEY: '',
    FORGE_LOGIN: 'secret-in-a-file',
  });
});

test('the recipe names every field that the file takes, and its smallest file is valid', async () => {
  const recipe = await readFile(fileURLToPath(new URL('../../docs/recipes/own-engines.md', import.meta.url)), 'utf8');
  const [, smallest = ''] = /```toml\n(.*?)```/s.exec(recipe) ?? [];
  const catalog = await readCatalogWithEngines(await fileOf(smallest));
  expect(catalog.resolve('z-image-turbo')?.model.offers).toHaveLength(1);
  const fields = [
    ...Object.keys(wireSchema.shape),
    ...Object.keys(bindingsSchema.shape),
    ...presetNames,
    ...adapterNames,
  ];
  expect(fields.filter((field) => !recipe.includes(`\`${field}\``) && !recipe.includes(`"${field}"`))).toEqual([]);
});
