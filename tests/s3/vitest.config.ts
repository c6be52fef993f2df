import { defineConfig } from 'vitest/config';

/** A suite of its own, since it needs a server that npm does not bring: `tests/s3/s3-server.ts` says which. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['tests/s3/**/*.test.ts'],
    globalSetup: ['tests/store/test-server.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
