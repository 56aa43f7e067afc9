// A line that garbled an answer: the run passes, and its record says so.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { askedAgainCount } from '../../../core/domain/run.ts';
import { plugIn } from '../../support/familyBench.ts';
import { createStationWorld, type StationWorld } from '../../support/stationWorld.ts';
import { contestants } from '../conformance/contestants.ts';
import { changedAfter, type Noise } from '../conformance/garble.ts';

const evidenceItems = z.array(
  z.looseObject({
    expectedSha256: z.string(),
    actualSha256: z.string().nullable(),
    firstReadSha256: z.string().optional(),
  }),
);

let world: StationWorld;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(() => world.close());

async function runBehind(name: string, serial: string, { find, change }: Omit<Noise, 'times'>) {
  const contestant = contestants.find((one) => one.name === name);
  if (contestant === undefined) throw new Error(`no ${name}`);
  const noisy = changedAfter(contestant.newSubject().make, { find, change, times: 1 });
  const { portPath, unplug } = await plugIn(noisy);
  try {
    const result = await world.run({ serial, portPath, target: contestant.target });
    expect(result.failure).toBeUndefined();
    expect(result.askedAgainCount).toBe(1);
    return world.station.ports.inventory.run(result.runId);
  } finally {
    unplug();
  }
}

test('what was asked twice stands in the evidence of its phase and is counted in the result', async () => {
  // The first digest that the board tells is that of what was just installed; no digit is 0xff.
  const run = await runBehind('micropython', 'NOISY-1', { find: 'KL-sha256 ', change: () => 0xff });
  const noisy = run?.phases.filter(({ evidence }) => evidence?.askedAgain !== undefined);
  expect(noisy?.map(({ phase }) => phase)).toEqual(['verify']);
  expect(noisy?.[0]?.evidence?.askedAgain).toEqual([
    { question: 'SHA-256 of /ca.der', reason: 'device_answer_invalid' },
  ]);
  expect(run && askedAgainCount(run)).toBe(1);
});

test('a reading that differed stands in the evidence beside the one that matched', async () => {
  const anotherDigit = (byte: number): number => (byte === 0x30 ? 0x31 : 0x30);
  const noise = { find: '-----BEGIN CERTIFICATE-----\nMII', change: anotherDigit };
  const run = await runBehind('quectel', 'NOISY-2', noise);
  const items = run?.phases.find(({ phase }) => phase === 'verify')?.evidence?.items;
  const [ca, certificate] = evidenceItems.parse(items);
  expect(ca?.firstReadSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(ca?.firstReadSha256).not.toBe(ca?.actualSha256);
  expect(ca?.actualSha256).toBe(ca?.expectedSha256);
  expect(certificate).not.toHaveProperty('firstReadSha256');
});
