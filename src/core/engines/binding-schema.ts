/** Where a ComfyUI graph takes what a request says: `[node, input]`, as the graph's API format names them. */
import { z } from 'zod';

const place = z.tuple([z.string().min(1), z.string().min(1)]);

export const bindingsSchema = z.strictObject({
  prompt: place,
  negative_prompt: place.optional(),
  /** Absent = the graph itself says how large its pictures are. */
  width: place.optional(),
  height: place.optional(),
  /** An unchanged graph is answered from a cache, without a picture. */
  seed: place,
  steps: place.optional(),
  guidance_scale: place.optional(),
  strength: place.optional(),
  /** Absent = one picture a run. */
  batch_size: place.optional(),
  /** LoadImage nodes, in the order of the request's pictures. */
  images: z.array(place).default([]),
  /** A LoadImage node: transparent = change. */
  mask: place.optional(),
  /** The node whose pictures are taken; absent = every node that saves some. */
  output_node: z.string().min(1).optional(),
});

export type Bindings = z.infer<typeof bindingsSchema>;
