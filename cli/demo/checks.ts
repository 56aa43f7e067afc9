// What the demo expects to be true, said as it is found out.

import type { Output } from '../output/output.ts';

export interface Checks {
  expect(what: string, held: boolean, detail?: string): void;
  allHeld(): boolean;
}

export function createChecks(output: Output): Checks {
  let broken = 0;
  return {
    expect(what, held, detail) {
      if (!held) broken += 1;
      const mark = held ? output.paint('green', '✔') : output.paint('red', '✘');
      const tail = detail === undefined ? '' : `  ${output.paint('dim', detail)}`;
      output.result('check', { what, held, detail }, `  ${mark} ${what}${tail}`);
    },
    allHeld: () => broken === 0,
  };
}
