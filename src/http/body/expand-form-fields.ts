import { GessoError } from '../../core/errors.ts';

const DEPTH_MAX = 8;
const NAME = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;

type Container = Record<string, unknown>;

/**
 * Form fields as the object that they stand for: `a[b]` is a key, `a[]` or a repeated name a list. Values stay as they
 * came (texts mostly): the parameter table knows the types. A name with broken brackets is a name.
 */
export function expandFormFields(fields: ReadonlyArray<readonly [string, unknown]>): Readonly<Record<string, unknown>> {
  const root: Container = {};
  for (const [name, value] of fields) {
    const match = NAME.exec(name);
    const keys = match === null ? [] : [...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((key) => key[1] ?? '');
    put(root, [match?.[1] ?? name, ...keys], value, name);
  }
  return root;
}

function put(container: Container, keys: readonly string[], value: unknown, name: string): void {
  const [key = '', ...rest] = keys;
  if (key === '__proto__' || keys.length > DEPTH_MAX) {
    throw new GessoError('invalid_multipart', `The field name ${name.slice(0, 100)} is not taken.`, {
      param: name.slice(0, 100),
    });
  }
  const isList = rest.length === 1 && (rest[0] === '' || /^\d+$/.test(rest[0] ?? ''));
  const known = Object.hasOwn(container, key) ? container[key] : undefined;
  if (isList) container[key] = [...asList(known), value];
  else if (rest.length === 0) container[key] = known === undefined ? value : [...asList(known), value];
  else {
    const inner: Container = isContainer(known) ? known : {};
    container[key] = inner;
    put(inner, rest, value, name);
  }
}

function asList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
