// A line that garbled an answer: the run passes, and its record says so.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { askedAgainCount } from '../../../core/domain/run.ts';
import { plugIn } from '../../support/familyBench.ts';
import { createStationWorld, type StationWorld } from '../../support/stationWorld.ts';
import { contestants } from '../conformance/contestants.ts';
import { changedAfter } from '../conformance/garble.ts';

let world: StationWorld;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(() => world.close());

test('what was asked twice stands in the evidence of its phase and is counted in the result', async () => {
  const contestant = contestants.find(({ name }) => name === 'micropython');
  if (contestant === undefined) throw new Error('no micropython');
  // The first digest that the board tells is that of what was just installed.
  const noise = { find: 'KL-sha256 ', change: () => contestant.foreignByte, times: 1 };
  const { portPath, unplug } = await plugIn(changedAfter(contestant.newSubject().make, noise));
  try {
    const result = await world.run({ serial: 'NOISY-1', portPath, target: contestant.target });
    expect(result.failure).toBeUndefined();
    expect(result.askedAgainCount).toBe(1);
    const run = world.station.ports.inventory.run(result.runId);
    const noisy = run?.phases.filter(({ evidence }) => evidence?.askedAgain !== undefined);
    expect(noisy?.map(({ phase }) => phase)).toEqual(['verify']);
    expect(noisy?.[0]?.evidence?.askedAgain).toEqual([
      { question: 'SHA-256 of /ca.der', reason: 'device_answer_invalid' },
    ]);
    expect(run && askedAgainCount(run)).toBe(1);
  } finally {
    unplug();
  }
});
