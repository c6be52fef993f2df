/** Multipart bodies as the servers see them. */
import type { JsonObject } from '../../../src/contracts/json.ts';

export interface RecordedPart {
  readonly name: string;
  readonly filename: string | null;
  readonly content_type: string | null;
  /** A field's text; null for a file. */
  readonly text: string | null;
  readonly bytes: Buffer;
}

/** The parts of a `multipart/form-data` body, in order; null where it cannot be read. */
export async function readParts(raw: Buffer, content_type: string): Promise<readonly RecordedPart[] | null> {
  try {
    const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': content_type } }).formData();
    return await Promise.all([...form].map(([name, value]) => readPart(name, value)));
  } catch {
    return null;
  }
}

async function readPart(name: string, value: string | File): Promise<RecordedPart> {
  if (typeof value === 'string') {
    return { name, filename: null, content_type: null, text: value, bytes: Buffer.from(value) };
  }
  return {
    name,
    filename: value.name,
    content_type: value.type || null,
    text: null,
    bytes: Buffer.from(await value.arrayBuffer()),
  };
}

/** The text fields as one object; of fields that come twice the last holds. */
export function textFields(parts: readonly RecordedPart[]): JsonObject {
  return Object.fromEntries(parts.flatMap(({ name, text }) => (text === null ? [] : [[name, text]])));
}

export const filesNamed = (parts: readonly RecordedPart[], ...names: readonly string[]): readonly RecordedPart[] =>
  parts.filter(({ name, text }) => text === null && names.includes(name));
