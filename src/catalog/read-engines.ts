/** Reads the file of the operator's own engines and what it refers to: ComfyUI's graphs. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import type { JsonObject } from '../contracts/json.ts';
import type { Provider } from '../core/catalog/catalog.ts';
import type { CatalogFault } from '../core/catalog/compile-catalog.ts';
import type { EnginesInput } from '../core/engines/compile-engines.ts';

/** What the file says, not checked yet; a file that cannot be read is a fault. */
export async function readEngines(
  file: string,
): Promise<{ readonly engines: EnginesInput } | { readonly faults: readonly CatalogFault[] }> {
  const path = basename(file);
  try {
    const data = parse(await readFile(file, 'utf8'));
    const written_on = (await stat(file)).mtime.toISOString().slice(0, 10);
    return { engines: { path, data, written_on, workflows: await readWorkflows(file, data) } };
  } catch (error) {
    return { faults: [{ path, at: '', message: reasonOf(error) }] };
  }
}

/** Keys that engines' pages name: from the environment, or from the file that NAME_FILE names. */
export async function readEngineKeys(
  providers: Iterable<Provider>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, string>>> {
  const names = [...providers].flatMap(({ options, key_variables }) => (options === undefined ? [] : key_variables));
  const read = names.map(async (name): Promise<[string, string]> => {
    const file = environment[`${name}_FILE`];
    return [name, file ? (await readFile(file, 'utf8')).trim() : (environment[name] ?? '')];
  });
  return Object.fromEntries(await Promise.all(read));
}

async function readWorkflows(file: string, data: unknown): Promise<Map<string, JsonObject | string>> {
  const names = new Set(workflowsIn(data));
  const read = [...names].map(async (name) => [name, await readWorkflow(resolve(dirname(file), name), name)] as const);
  return new Map(await Promise.all(read));
}

/** Looked for before anything is checked, so that a missing graph is told beside all other faults. */
function workflowsIn(data: unknown): string[] {
  if (Array.isArray(data)) return data.flatMap(workflowsIn);
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) =>
    name === 'workflow' && typeof value === 'string' ? [value] : workflowsIn(value),
  );
}

async function readWorkflow(absolute: string, name: string): Promise<JsonObject | string> {
  try {
    const graph = JSON.parse(await readFile(absolute, 'utf8')) as unknown;
    if (isGraph(graph)) return graph;
    return `"${name}" is no graph in API format: in ComfyUI choose Workflow > Export (API)`;
  } catch (error) {
    return `"${name}" ${reasonOf(error)}`;
  }
}

/** The editor's own format has a list of nodes; the API's is a table of them, each with its class. */
function isGraph(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const nodes = Object.values(value);
  return nodes.length > 0 && nodes.every((node) => typeof node === 'object' && node !== null && 'class_type' in node);
}

function reasonOf(error: unknown): string {
  if (error instanceof TomlError) return `line ${error.line}: ${error.message.split('\n')[0] ?? 'is not TOML'}`;
  if (error instanceof SyntaxError) return 'is not JSON';
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
