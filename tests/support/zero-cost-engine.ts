import type { SketchEngine } from '../../src/contracts/engine.ts';

export interface ZeroCostEngine extends SketchEngine {
  /** How often it was asked. */
  readonly drawn: () => number;
  /** From now on drawings wait until the function that comes back is called. */
  hold(): () => void;
  /** Fails the next drawings; `false` mends it. */
  break(isBroken: boolean): void;
}

/** Hands out one small frame after another, each of its own colour, when a test lets it. */
export function zeroCostEngine(): ZeroCostEngine {
  let drawn = 0;
  let isBroken = false;
  let gate = Promise.resolve();
  return {
    drawn: () => drawn,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    break(broken) {
      isBroken = broken;
    },
    async draw({ width, height }) {
      const colour = ++drawn;
      await gate;
      if (isBroken) throw new Error('The engine is broken.');
      const data = new Uint8Array(width * height * 4).fill(255);
      for (let i = 0; i < data.length; i += 4) data.set([colour % 256, colour >> 8], i);
      return { pixels: { data, width, height }, understood: [] };
    },
    close: async () => {},
  };
}
