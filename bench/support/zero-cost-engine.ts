import type { SketchEngine } from '../../src/contracts/engine.ts';

/** Hands out the same small frame at once. */
export const zeroCostEngine: SketchEngine = {
  draw: async ({ width, height }) => ({
    pixels: { data: new Uint8Array(width * height * 4).fill(255), width, height },
    understood: [],
  }),
  close: async () => {},
};
