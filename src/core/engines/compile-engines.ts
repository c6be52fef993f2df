/** Turns the operator's engines into pages of the catalogue: a provider each, models of lab "own", offers wherever they belong. */
import type { z } from 'zod';
import type { JsonObject } from '../../contracts/json.ts';
import type { CatalogFault, CatalogFile } from '../catalog/compile-catalog.ts';
import { type Engine, type EngineModel, enginesSchema } from './engine-schema.ts';
import { tiersOf } from './offer-parts.ts';
import { a1111Offers } from './offers/a1111-offers.ts';
import { comfyuiOffers } from './offers/comfyui-offers.ts';
import { openaiOffers, openaiOptions } from './offers/openai-offers.ts';
import { sdServerOffers } from './offers/sd-server-offers.ts';

export interface EnginesInput {
  /** As faults name the file. */
  readonly path: string;
  /** The parsed TOML. */
  readonly data: unknown;
  /** The day on which the file was written, as evidence: YYYY-MM-DD. */
  readonly written_on: string;
  /** ComfyUI graphs by the path that the file gives; a text says why one could not be read. */
  readonly workflows: ReadonlyMap<string, JsonObject | string>;
}

export interface CompiledEngines {
  /** The catalogue's files with the engines among them. */
  readonly files: readonly CatalogFile[];
  /** Where in the engines' file a fault of the whole belongs; null = it is not theirs. */
  readonly placeOf: (fault: CatalogFault) => CatalogFault;
}

export type OfferData = Readonly<Record<string, unknown>>;

/** What every maker of offers is given. */
export interface OfferSource {
  readonly engine: Engine;
  readonly model: EngineModel;
  readonly evidence: { readonly source: string; readonly read_on: string };
}

const makers: Readonly<Record<Engine['adapter'], (source: OfferSource) => readonly OfferData[]>> = {
  'openai-compatible': openaiOffers,
  'sd-server': sdServerOffers,
  comfyui: comfyuiOffers,
  a1111: a1111Offers,
};

export function compileEngines(
  input: EnginesInput,
  shipped: readonly CatalogFile[],
): CompiledEngines | { readonly faults: readonly CatalogFault[] } {
  const parsed = enginesSchema.safeParse(input.data);
  const faults = parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, input.path));
  if (!parsed.success) return { faults };
  const pages = new Pages(shipped, input.path);
  parsed.data.engines.forEach((engine, index) => {
    const at = `engines[${index}]`;
    const evidence = { source: input.path, read_on: input.written_on };
    faults.push(...workflowFaults(engine, at, input));
    pages.addProvider(engine, optionsOf(engine, input), evidence, at);
    engine.models.forEach((model, position) => {
      const source = { engine, model, evidence };
      pages.addOffers(source, makers[engine.adapter](source), `${at}.models[${position}]`);
    });
  });
  faults.push(...pages.faults);
  return faults.length > 0 ? { faults } : { files: pages.files(), placeOf: (fault) => pages.placeOf(fault) };
}

/** What the adapter reads for itself. */
function optionsOf(engine: Engine, { workflows }: EnginesInput): JsonObject {
  const { auth, headers, models } = engine;
  return {
    headers,
    ...(auth === undefined ? {} : { auth }),
    // Where nothing is paid, nothing can be paid twice: after silence the next offer may be asked.
    may_bill: models.some(({ price_usd }) => Number(price_usd) > 0),
    ...(engine.adapter === 'openai-compatible' ? openaiOptions(engine) : {}),
    ...(engine.adapter === 'comfyui'
      ? {
          workflows: Object.fromEntries(
            models.flatMap(({ id, workflow, bindings }) => {
              const graph = workflows.get(workflow ?? '');
              return typeof graph === 'object' ? [[id, { graph, bindings: bindings ?? {} }]] : [];
            }),
          ),
        }
      : {}),
  };
}

/** Every binding must lead to an input that the graph has: ComfyUI passes over others without a word. */
function workflowFaults({ models }: Engine, at: string, { path, workflows }: EnginesInput): CatalogFault[] {
  return models.flatMap(({ workflow, bindings }, index) => {
    if (workflow === undefined || bindings === undefined) return [];
    const place = `${at}.models[${index}]`;
    const graph = workflows.get(workflow);
    if (typeof graph !== 'object') {
      return [{ path, at: `${place}.workflow`, message: graph ?? `"${workflow}" was not read` }];
    }
    const { output_node, images, ...single } = bindings;
    const bound = [...Object.entries(single), ...images.map((each, i) => [`images[${i}]`, each] as const)];
    const missing = bound.flatMap(([name, target]) => {
      if (target === undefined || hasInput(graph, target)) return [];
      const message = `"${workflow}" has no input ${target[1]} at node ${target[0]}`;
      return [{ path, at: `${place}.bindings.${name}`, message }];
    });
    if (output_node === undefined || Object.hasOwn(graph, output_node)) return missing;
    return [
      ...missing,
      { path, at: `${place}.bindings.output_node`, message: `"${workflow}" has no node ${output_node}` },
    ];
  });
}

function hasInput(graph: JsonObject, [node, input]: readonly [string, string]): boolean {
  const found = graph[node] as { readonly inputs?: JsonObject } | undefined; // What has no inputs has none to bind.
  return typeof found?.inputs === 'object' && Object.hasOwn(found.inputs, input);
}

/** One fault per unknown field. */
function faultsOf(issue: z.core.$ZodIssue, path: string): CatalogFault[] {
  const at = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
  if (issue.code !== 'unrecognized_keys') return [{ path, at, message: issue.message }];
  return issue.keys.map((key) => ({
    path,
    at: at === '' ? key : `${at}.${key}`,
    message: 'is not a field of the schema',
  }));
}

const OWN_LAB = 'own';

/** The catalogue's files while engines are added to them. */
class Pages {
  readonly faults: CatalogFault[] = [];
  readonly #path: string;
  readonly #files: Map<string, CatalogFile>;
  /** Place in the engines' file, by the made file or by one offer in it. */
  readonly #places = new Map<string, string>();

  constructor(shipped: readonly CatalogFile[], path: string) {
    this.#path = path;
    this.#files = new Map(shipped.map((file) => [file.path, file]));
  }

  files(): readonly CatalogFile[] {
    return [...this.#files.values()];
  }

  addProvider(engine: Engine, options: JsonObject, evidence: OfferSource['evidence'], at: string): void {
    const { id, name, adapter, base_url, key_variable, concurrent_max } = engine;
    const path = `providers/${id}.toml`;
    if (this.#files.has(path)) {
      this.faults.push({
        path: this.#path,
        at: `${at}.id`,
        message: `"${id}" is a provider already: choose another id`,
      });
      return;
    }
    this.#places.set(path, at);
    const data = {
      name: name ?? id,
      summary: "An engine of this server's operator.",
      adapter,
      base_url,
      key_variables: key_variable === undefined ? [] : [key_variable],
      limits: { concurrent_max: { value: concurrent_max, ...evidence } },
      options,
    };
    this.#files.set(path, { path, data });
  }

  addOffers({ model }: OfferSource, offers: readonly OfferData[], at: string): void {
    const path = `models/${model.model ?? `${OWN_LAB}/${model.id}`}.toml`;
    const known = this.#files.get(path);
    if (known === undefined && model.model !== undefined) {
      const message = `the catalogue has no model "${model.model}": leave \`model\` out to make one of your own`;
      this.faults.push({ path: this.#path, at: `${at}.model`, message });
      return;
    }
    const page = (known?.data ?? this.#ownPage(model, path, at)) as Readonly<Record<string, unknown>>; // Parsed TOML is a table.
    const before = Array.isArray(page.offers) ? (page.offers as OfferData[]) : []; // What is no table the schema will say.
    for (const [index, { id }] of offers.entries()) {
      this.#places.set(`${path} offers[${before.length + index}]`, at);
      this.#places.set(`${path} ${String(offers[index]?.provider)}/${String(id)}`, at);
    }
    const own = model.model === undefined ? this.#ownFacts(page, model) : {};
    this.#files.set(path, { path, data: { ...page, ...own, offers: [...before, ...offers] } });
  }

  /** Several engines may serve one model, and what any of them can do, the model can. */
  #ownFacts(page: Readonly<Record<string, unknown>>, { modes, aliases }: EngineModel) {
    return {
      modes: [...new Set([...listOf(page.modes), ...modes])],
      aliases: [...new Set([...listOf(page.aliases), ...aliases])],
      ...(modes.includes('edit') ? { input_modalities: ['text', 'image'] } : {}),
    };
  }

  #ownPage(model: EngineModel, path: string, at: string): Readonly<Record<string, unknown>> {
    const lab = `labs/${OWN_LAB}.toml`;
    if (!this.#files.has(lab)) {
      this.#files.set(lab, {
        path: lab,
        data: { name: 'Own engines', summary: "Models on this server's own engines." },
      });
    }
    this.#places.set(path, at);
    return {
      name: model.name ?? model.id,
      summary: model.summary ?? "A model on this server's own engine.",
      status: 'active',
      // The short name too, as every other model has one.
      aliases: [model.id],
      modes: [],
      input_modalities: ['text'],
      output_modalities: ['image'],
      default_tier: tiersOf(model.sizes).default_tier,
      default_ratio: model.sizes.default_ratio,
      offers: [],
    };
  }

  /** A fault of the whole, told where the operator wrote it. */
  placeOf(fault: CatalogFault): CatalogFault {
    const [, offer, rest = ''] = /^(offers\[\d+\]|[\w.-]+\/[\w.-]+ )(.*)$/.exec(fault.at) ?? [];
    const place =
      (offer === undefined ? undefined : this.#places.get(`${fault.path} ${offer.trim()}`)) ??
      this.#places.get(fault.path);
    if (place === undefined) return fault;
    const at = offer === undefined ? fault.at : rest.replace(/^\./, '');
    return { path: this.#path, at: at === '' ? place : `${place}: ${at}`, message: fault.message };
  }
}

const listOf = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as string[]) : []); // The schema looks at what is in it.
