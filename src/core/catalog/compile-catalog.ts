/** Turns the catalogue's files into one checked whole, or into the list of everything that is wrong with them. */
import type { z } from 'zod';
import { chooseShape } from '../params/choose-size.ts';
import { parameterTable, setParameters } from '../params/parameters.ts';
import { tierValue } from '../params/size-rules.ts';
import type { Catalog, Lab, Model, Offer, OfferParameter, Provider, Resolved } from './catalog.ts';
import { labSchema } from './lab-schema.ts';
import { modelSchema } from './model-schema.ts';
import type { ParameterRow } from './parameter-row-schema.ts';
import { providerSchema } from './provider-schema.ts';
import { suggest } from './suggest.ts';

export type { Catalog, Lab, Model, Offer, OfferParameter, Provider, Resolved } from './catalog.ts';

/** One TOML file, already parsed; `path` is relative to the catalogue, with forward slashes. */
export interface CatalogFile {
  readonly path: string;
  readonly data?: unknown;
  /** Why the file could not be parsed; its id exists all the same. */
  readonly unreadable?: string;
}

export interface CatalogFault {
  readonly path: string;
  /** Where in the file, e.g. `offers[1].size.tiers[0]`; empty = the file itself. */
  readonly at: string;
  readonly message: string;
}

export function compileCatalog(
  files: readonly CatalogFile[],
): { readonly catalog: Catalog } | { readonly faults: readonly CatalogFault[] } {
  const faults: CatalogFault[] = [];
  const labs = new Map<string, Lab>();
  const providers = new Map<string, Provider>();
  const models = new Map<string, Model>();
  for (const file of files) {
    const [folder, id] = placeOf(file.path);
    if (file.unreadable !== undefined) {
      faults.push({ path: file.path, at: '', message: file.unreadable });
    } else if (folder === 'labs') {
      const page = readPage(labSchema, file, faults);
      if (page !== null) labs.set(id, { ...page, id });
    } else if (folder === 'providers') {
      const page = readPage(providerSchema, file, faults);
      if (page !== null) providers.set(id, { ...page, id, adapter: page.adapter ?? id });
    } else if (folder === 'models') {
      const page = readPage(modelSchema, file, faults);
      if (page !== null) models.set(id, modelOf(id, page));
    } else if (folder === null) {
      faults.push({
        path: file.path,
        at: '',
        message: 'stands nowhere: use models/<lab>/<model>.toml, labs/<id>.toml or providers/<id>.toml',
      });
    }
  }
  const offerParams = gatherOfferParameters(models, faults);
  checkReferences(models, labs, providers, faults, files);
  checkSizes(models, faults);
  const ids = makeIdTable(models, faults);
  if (faults.length > 0) return { faults };
  return {
    catalog: {
      models,
      providers,
      labs,
      offer_params: offerParams,
      resolve: (id) => ids.get(id) ?? null,
      suggest: (id) => suggest(id, ids.keys()),
    },
  };
}

/** The folder and the id that a path gives; challenges are data of the arena and are read there. */
function placeOf(path: string): [folder: 'models' | 'labs' | 'providers' | 'challenges' | null, id: string] {
  const model = /^models\/([a-z0-9.-]+\/[a-z0-9.-]+)\.toml$/.exec(path);
  if (model?.[1] !== undefined) return ['models', model[1]];
  const flat = /^(labs|providers|challenges)\/([a-z0-9.-]+)\.toml$/.exec(path);
  const folder = flat?.[1];
  return folder === 'labs' || folder === 'providers' || folder === 'challenges'
    ? [folder, flat?.[2] ?? '']
    : [null, ''];
}

function readPage<T extends z.ZodType>(schema: T, file: CatalogFile, faults: CatalogFault[]): z.infer<T> | null {
  const result = schema.safeParse(file.data);
  if (result.success) return result.data;
  faults.push(...result.error.issues.flatMap((issue) => faultsOf(issue, file.path)));
  return null;
}

/** One fault per unknown field, so that five mistakes are five lines. */
function faultsOf(issue: z.core.$ZodIssue, path: string): CatalogFault[] {
  const at = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
  if (issue.code !== 'unrecognized_keys') return [{ path, at, message: issue.message }];
  return issue.keys.map((key) => ({
    path,
    at: at === '' ? key : `${at}.${key}`,
    message:
      key === 'id' || key === 'lab'
        ? `\`${key}\` follows from the path and is not written`
        : 'is not a field of the schema',
  }));
}

function modelOf(id: string, page: z.infer<typeof modelSchema>): Model {
  const offers = page.offers
    .filter((offer) => offer.status === 'active')
    .map((offer): Offer => ({ ...offer, pin: `${offer.provider}/${offer.id}`, model_id: id }));
  return { ...page, id, lab: id.slice(0, id.indexOf('/')), offers };
}

/** The parameters that only offers declare. One name means one thing: its type is the same wherever it is declared. */
function gatherOfferParameters(
  models: ReadonlyMap<string, Model>,
  faults: CatalogFault[],
): Map<string, OfferParameter> {
  const gathered = new Map<string, OfferParameter>();
  const add = (declared: OfferParameter, model: Model) => {
    const known = gathered.get(declared.name);
    if (known !== undefined && known.type !== declared.type) {
      faults.push({
        path: pathOf(model),
        at: `parameters.${declared.name}`,
        message: `is ${declared.type} here and ${known.type} at ${known.offers.join(', ')}`,
      });
      return;
    }
    gathered.set(declared.name, known === undefined ? declared : merged(known, declared));
  };
  for (const model of models.values()) {
    for (const offer of model.offers) {
      for (const [name, row] of Object.entries(offer.parameters)) {
        if (parameterTable.has(name)) continue;
        if (row.type === undefined || row.description === undefined) {
          faults.push({
            path: pathOf(model),
            at: `${offer.pin} parameters.${name}`,
            message: 'is not canonical, so it needs `type` and `description`',
          });
          continue;
        }
        const values = valuesTaken(row);
        add(
          {
            name,
            type: row.type,
            description: row.description,
            ...(values === undefined ? {} : { values }),
            offers: [offer.pin],
          },
          model,
        );
      }
      for (const parameter of offer.sets === undefined ? [] : setParameters)
        add({ ...parameter, offers: [offer.pin] }, model);
    }
  }
  return gathered;
}

/** A table of values is keyed by what the caller sends; only texts can be told from their keys. */
function valuesTaken({ type, values }: ParameterRow): readonly (string | number | boolean)[] | undefined {
  if (values === undefined || Array.isArray(values)) return values;
  return type === 'string' ? Object.keys(values) : undefined;
}

function merged(a: OfferParameter, b: OfferParameter): OfferParameter {
  const { values: _, ...rest } = a;
  const values =
    a.values === undefined || b.values === undefined ? undefined : [...new Set([...a.values, ...b.values])];
  return { ...rest, ...(values === undefined ? {} : { values }), offers: [...a.offers, ...b.offers] };
}

function checkReferences(
  models: ReadonlyMap<string, Model>,
  labs: ReadonlyMap<string, Lab>,
  providers: ReadonlyMap<string, Provider>,
  faults: CatalogFault[],
  files: readonly CatalogFile[],
): void {
  // A file that has faults of its own was reported already; what it would have named is not missing.
  const isPresent = (path: string) => files.some((file) => file.path === path);
  for (const model of models.values()) {
    const path = pathOf(model);
    if (!labs.has(model.lab) && !isPresent(`labs/${model.lab}.toml`)) {
      faults.push({ path, at: '', message: `the lab has no file: write labs/${model.lab}.toml` });
    }
    model.offers.forEach((offer, index) => {
      if (!providers.has(offer.provider) && !isPresent(`providers/${offer.provider}.toml`)) {
        faults.push({
          path,
          at: `offers[${index}].provider`,
          message: `the provider has no file: write providers/${offer.provider}.toml`,
        });
      }
      for (const mode of offer.modes.filter((each) => !model.modes.includes(each))) {
        faults.push({ path, at: `offers[${index}].modes`, message: `"${mode}" is not among the model's modes` });
      }
    });
  }
}

/** Rules that contradict each other would otherwise be found by the first caller who meets them. */
function checkSizes(models: ReadonlyMap<string, Model>, faults: CatalogFault[]): void {
  for (const model of models.values()) {
    model.offers.forEach(({ size }, index) => {
      try {
        for (const tier of size.tiers.map(tierValue)) {
          chooseShape(size, { exact: null, ratio: 1, tier, roles: new Map() }, { ...model, reference: null });
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        faults.push({ path: pathOf(model), at: `offers[${index}].size`, message: error.message });
      }
    });
  }
}

/** Model ids first, then aliases, then pins; a pin that spells its own model's id gives way to it. */
function makeIdTable(models: ReadonlyMap<string, Model>, faults: CatalogFault[]): Map<string, Resolved> {
  const ids = new Map<string, Resolved>();
  const add = (id: string, resolved: Resolved, at: string) => {
    const taken = ids.get(id);
    if (taken === undefined) ids.set(id, resolved);
    else faults.push({ path: pathOf(resolved.model), at, message: `the id "${id}" is taken by ${taken.model.id}` });
  };
  for (const model of models.values()) add(model.id, { model, offer: null, provider: null }, '');
  for (const model of models.values()) {
    model.aliases.forEach((alias, index) => {
      add(alias, { model, offer: null, provider: null }, `aliases[${index}]`);
    });
  }
  for (const model of models.values()) {
    model.offers.forEach((offer, index) => {
      const isOwnName = offer.pin === model.id || model.aliases.includes(offer.pin);
      if (!isOwnName) add(offer.pin, { model, offer, provider: offer.provider }, `offers[${index}].id`);
    });
  }
  return ids;
}

function pathOf(model: Model): string {
  return `models/${model.id}.toml`;
}
