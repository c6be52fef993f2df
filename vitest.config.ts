import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['tests/soak/**', 'tests/clients/**', 'tests/s3/**', 'node_modules/**'],
    globalSetup: ['tests/store/test-server.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of a test's time is waiting for processes of its own: two at a time also where there are two cores.
    maxWorkers: 2,
  },
});
