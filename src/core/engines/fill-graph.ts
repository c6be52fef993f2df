/** A ComfyUI graph with one request in it. Every input that no binding names stays as the operator has saved it. */
import type { JsonObject, JsonValue } from '../../contracts/json.ts';
import type { Bindings } from './binding-schema.ts';

export interface GraphNode {
  readonly class_type: string;
  readonly inputs?: JsonObject | undefined;
}

export type Graph = Readonly<Record<string, GraphNode>>;

export interface GraphInputs {
  /** The plan's body: plain names such as `prompt`, `width`, `steps`. */
  readonly values: JsonObject;
  /** Names of uploaded files. */
  readonly images: readonly string[];
  readonly mask: string | null;
  /** Of the run: what is saved bears it. */
  readonly id: string;
}

export function fillGraph(graph: Graph, bindings: Bindings, { values, images, mask, id }: GraphInputs): JsonObject {
  const { images: places, mask: maskPlace, output_node, ...plain } = bindings;
  const writes = [
    ...Object.entries(plain).map(([name, place]) => [place, values[name]] as const),
    // A graph with places for three pictures and one picture sees that one three times.
    ...places.map((place, index) => [place, images[index] ?? images.at(-1)] as const),
    [maskPlace, mask ?? undefined] as const,
  ];
  const filled = Object.entries(graph).map(([node, { inputs = {}, ...rest }]): [string, JsonObject] => {
    const own = writes.flatMap(([place, value]): [string, JsonValue][] =>
      place?.[0] === node && value !== undefined ? [[place[1], value]] : [],
    );
    // An unchanged graph is answered from the cache and saves nothing, also when the same seed is wanted again.
    const isSaver = typeof inputs.filename_prefix === 'string' && (output_node === undefined || node === output_node);
    const prefix = isSaver ? { filename_prefix: `gesso/${id}` } : {};
    return [node, { ...rest, inputs: { ...inputs, ...Object.fromEntries(own), ...prefix } }];
  });
  return Object.fromEntries(filled);
}
