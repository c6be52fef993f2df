/** The upstream body under construction: fields are set by dotted path, once each. */
import type { JsonObject, JsonValue } from '../../contracts/json.ts';

type Container = { [key: string]: JsonValue };

export class UpstreamBody {
  readonly #root: Container = {};
  readonly #paths: string[] = [];

  /** The path that was written before at, above or below this one; null where there is none. */
  conflictOf(path: string): string | null {
    return (
      this.#paths.find((known) => known === path || known.startsWith(`${path}.`) || path.startsWith(`${known}.`)) ??
      null
    );
  }

  /** Writes `value` at `path`; a number in the path is a place in a list. */
  set(path: string, value: JsonValue): void {
    this.#paths.push(path);
    setPath(this.#root, path.split('.'), value);
  }

  /** Adds to the list at `path`, which may have been begun by another field. */
  append(path: string, value: JsonValue): void {
    const length = lengthAt(this.#root, path.split('.'));
    this.set(`${path}.${length}`, value);
  }

  /** A copy that shares nothing with the builder. */
  toJson(): JsonObject {
    return structuredClone(this.#root);
  }
}

/** Writes into a JSON tree, making objects and lists on the way. */
export function setPath(root: Container, segments: readonly string[], value: JsonValue): void {
  const [head, ...rest] = segments;
  if (head === undefined || head === '__proto__') return;
  if (rest.length === 0) {
    root[head] = value;
    return;
  }
  const isList = /^\d+$/.test(rest[0] ?? '');
  const held = root[head];
  const child = typeof held === 'object' && held !== null ? held : isList ? [] : {};
  root[head] = child;
  setPath(child as Container, rest, value); // a list takes its places as keys just as an object does
}

function lengthAt(root: JsonValue, segments: readonly string[]): number {
  const found = segments.reduce<JsonValue | undefined>(
    (node, segment) => (typeof node === 'object' && node !== null ? (node as Container)[segment] : undefined), // lists take places as keys
    root,
  );
  return Array.isArray(found) ? found.length : 0;
}
