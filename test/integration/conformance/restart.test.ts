// The check after a restart, for every driver: whether the device can be restarted by a command, and what a new session
// then finds. A store in RAM is found out.

import { describe, expect, it } from 'vitest';
import { leafAuthority, memoryPipe, openInMemory, runCycle } from '../../support/familyBench.ts';
import { contestants } from './contestants.ts';

const ALL = ['ca', 'certificate', 'privateKey'];

/** What is found afterwards; undefined: no command restarts it, an operator has to. */
const FOUND: Readonly<Record<string, readonly string[] | undefined>> = {
  // The credential shell's default backend is in RAM; a key of PSA is in flash.
  'zephyr-shell': [],
  'nrf-cloud-cred': ['privateKey'],
  micropython: ALL,
  mcumgr: ALL,
  ublox: ALL,
  quectel: ALL,
  'simcom-a76': ALL,
  'simcom-sim70': ALL,
  'sierra-hl78': ALL,
  'esp-at': ALL,
};
/** Long enough for a simulated device to go down and come back. */
const RESTART_MS = 150;

const authority = leafAuthority();

describe.each(contestants)('$name', (contestant) => {
  const expected = FOUND[contestant.name];

  it(expected === undefined ? 'leaves the restart to an operator' : 'restarts by command', {
    timeout: 30_000,
  }, async () => {
    const { pipe, device } = memoryPipe(contestant.newSubject().make);
    const session = await openInMemory(contestant.driver, contestant.target, pipe);
    await runCycle(session, authority());
    const restarted = (await session.restart?.()) ?? false;
    await session.close();
    expect(restarted).toBe(expected !== undefined);
    if (expected === undefined) device.reboot();
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    const again = await openInMemory(contestant.driver, contestant.target, pipe);
    const { occupied } = await again.identify();
    await again.close();
    device.powerOff();
    expect(occupied.map(({ item }) => item).sort()).toEqual(expected ?? ALL);
  });
});
