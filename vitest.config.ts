import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longestFirst.ts';

/** Where .ci/run wants a summary that it can count; the usual output stays as it is. */
const report = process.env.KEYLINE_TEST_REPORT;

export default defineConfig({
  test: {
    ...(report === undefined ? {} : { reporters: ['default', 'json'], outputFile: { json: report } }),
    globalSetup: 'test/support/lineCount.ts',
    include: ['test/{unit,integration,fault,interop}/**/*.test.ts'],
    // No test is about time: this only ends what hangs, and a loaded machine is slow.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Many tests start real processes and wait for real serial lines; two cores are the reference machine.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts', 'cli/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
    },
  },
});
