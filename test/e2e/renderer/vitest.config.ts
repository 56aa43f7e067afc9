import { defineConfig } from 'vitest/config';

/** Where .ci/run wants a summary that it can count. */
const report = process.env.KEYLINE_TEST_REPORT;

export default defineConfig({
  test: {
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
    include: ['test/e2e/renderer/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // One browser at a time with a few pages: the machines that run this have two cores.
    fileParallelism: false,
    maxConcurrency: 3,
  },
});
