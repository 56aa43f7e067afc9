import { defineConfig } from 'vitest/config';

/** Where .ci/run wants a summary that it can count. */
const report = process.env.KEYLINE_TEST_REPORT;

export default defineConfig({
  test: {
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
    include: ['test/e2e/app/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
