import { defineConfig } from 'vitest/config';

// One browser at a time: the machines that run this have two cores.
export default defineConfig({
  test: {
    include: ['test/e2e/renderer/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
