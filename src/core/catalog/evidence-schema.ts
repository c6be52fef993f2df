/** Where a fact was read, and when: it stands beside every price, limit and rating in the catalogue. */
import { z } from 'zod';

/** TOML has dates of its own; both spellings end as `YYYY-MM-DD`. */
export const dateSchema = z.preprocess(
  (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : value),
  z.iso.date('write a date as YYYY-MM-DD'),
);

/** Spread into an object schema: `z.strictObject({ value: ..., ...evidence })`. */
export const evidence = {
  /** A URL, or the name of a document that a reader can find. */
  source: z.string().min(3),
  /** The day on which somebody read it there. */
  read_on: dateSchema,
  /** What a reader should know before relying on it, e.g. that it was read second-hand. */
  note: z.string().min(1).optional(),
};

/** A value with its evidence; sources that disagree stand in `also`, and `value` is the one that Gesso goes by. */
export function factSchema<T extends z.ZodType>(value: T) {
  return z.strictObject({
    value,
    ...evidence,
    also: z.array(z.strictObject({ value, ...evidence })).optional(),
  });
}

/** Kebab-case with dots: the names of files, providers, labs and offers. */
export const slugSchema = z.string().regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, 'use lower-case letters, digits, - and .');

/** `0.5K`, `1K`, `1.5K`, `2K`, `4K`: an area of (1024 T)^2 pixels. */
export const tierSchema = z.string().regex(/^\d+(?:\.\d+)?K$/, 'write a tier as 1K, 2K, 0.5K');

/** `16:9`, `19.5:9`. */
export const ratioSchema = z.string().regex(/^\d+(?:\.\d+)?:\d+(?:\.\d+)?$/, 'write a ratio as 16:9');

/** `1024x768`. */
export const pixelsSchema = z.string().regex(/^\d+x\d+$/, 'write pixels as 1024x768');

export const modeSchema = z.enum(['text_to_image', 'edit']);

/** A dotted path into the upstream body; a number in it is a place in a list: `contents.0.parts.0.text`. */
export const fieldPathSchema = z.string().regex(/^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/, 'write a dotted path');

export const primitiveSchema = z.union([z.string(), z.number(), z.boolean()]);
