// The order of the test files. vitest begins with the largest, which says little of how long one takes: what waits for serial
// lines and sweeps through power cuts would come last, alone on an idle machine.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONG = /\/test\/(fault|integration\/conformance)\//;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
