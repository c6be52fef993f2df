import { defineConfig } from 'vitest/config';

/** A suite of its own, since it needs programs that npm does not bring. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['tests/clients/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
