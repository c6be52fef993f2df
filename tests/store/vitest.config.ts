import { defineConfig } from 'vitest/config';

/** What one kind of database can do otherwise than another: run again for each kind. What never asks it anything new is left out. */
const indifferent = [
  ...['bad-input', 'sizes-and-formats', 'openai-client', 'surface', 'own-engines', 'seed-samples', 'masks'],
  ...['simulate', 'routing', 'shut-down', 'overload', 'chaos'],
];

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['src/services/**/*.test.ts', 'src/store/**/*.test.ts', 'tests/{store,batches,api}/**/*.test.ts'],
    exclude: indifferent.map((name) => `tests/api/${name}.test.ts`),
    globalSetup: ['tests/store/test-server.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
