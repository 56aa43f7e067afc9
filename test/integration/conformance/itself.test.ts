// The conformance suite itself: a driver that is broken on purpose must be seen. A suite that cannot fail shows nothing.

import { describe, expect, it } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { extendSession } from '../../../core/link/extendSession.ts';
import { leafAuthority } from '../../support/familyBench.ts';
import { isAccepted, measure, runCell } from './cells.ts';
import { type Contestant, contestants } from './contestants.ts';

const authority = leafAuthority();

/** A contestant whose driver does something wrong. */
function broken(name: string, breakIt: (session: DeviceSession) => Partial<DeviceSession>): Contestant {
  const found = contestants.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  const { driver } = found;
  return {
    ...found,
    driver: {
      ...driver,
      open: async (context) => {
        const session = await driver.open(context);
        return extendSession(session, breakIt(session));
      },
    },
  };
}

/** Says that all is well without asking the device. */
const blind = (name: string): Contestant =>
  broken(name, () => ({
    verify: async (plan) =>
      Object.entries(plan.storedDigests).map(([item, expectedSha256]) => ({
        item: item as 'ca',
        check: 'device-digest' as const,
        expectedSha256,
        actualSha256: expectedSha256,
      })),
  }));

describe('the suite sees', () => {
  it.each(['micropython', 'mcumgr', 'quectel'])(
    'a %s driver that does not look at what it verifies',
    async (name) => {
      const lazy = broken(name, (session) => ({
        ...blind(name),
        // Says that it wrote, and wrote nothing.
        install: async () => ({}),
        verify: async (plan) => {
          await session.identify();
          return Object.entries(plan.storedDigests).map(([item, expectedSha256]) => ({
            item: item as 'ca',
            check: 'device-digest' as const,
            expectedSha256,
            actualSha256: expectedSha256,
          }));
        },
      }));
      expect(await runCell(lazy, authority(), lazy.newSubject())).toBe('FALSE PASS');
      expect(isAccepted('FALSE PASS')).toBe(false);
    },
  );

  it('a driver that takes another board for the same', async () => {
    const contestant = blind('mcumgr');
    const outcome = await runCell(contestant, authority(), contestant.newSubject(), { swapBefore: 'verify' });
    expect(outcome).not.toBe('device_changed');
  });

  it('a driver that replaces unasked', async () => {
    const rude = broken('micropython', (session) => ({
      install: (plan, options) => session.install(plan, { ...options, replace: true }),
    }));
    const outcome = await runCell(rude, authority(), rude.newSubject(), {
      replace: false,
      before: async (session) => {
        await session.identify();
      },
    });
    expect(outcome).toBe('pass');
  });

  it('a driver that throws something of its own', async () => {
    const careless = broken('mcumgr', () => ({
      verify: () => {
        throw new TypeError('undefined is not a function');
      },
    }));
    const outcome = await runCell(careless, authority(), careless.newSubject());
    expect(outcome).toBe('CRASH TypeError: undefined is not a function');
    expect(isAccepted(outcome)).toBe(false);
  });

  it('a driver that blames the station for an unplugged device', () => {
    expect(isAccepted('internal')).toBe(false);
    expect(isAccepted('port_failed')).toBe(false);
    expect(isAccepted('device_gone')).toBe(true);
  });

  it('where each phase begins and ends', async () => {
    const spans = await measure(blind('mcumgr'), authority());
    for (const way of [spans.toDevice, spans.answers]) {
      const ends = [...way.values()].flat();
      expect(ends).toEqual([...ends].sort((a, b) => a - b));
      expect(ends.at(-1)).toBeGreaterThan(0);
    }
    expect([...spans.toDevice.keys()]).toEqual(['open', 'identify', 'install', 'verify']);
    expect([...spans.answers.keys()]).toEqual(['identify', 'install', 'verify']);
  });
});
