// A device on a real pseudo-terminal whose line changes single bytes, and what it was sent.

import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import { openOnPort, plugIn, Transcript } from '../../support/familyBench.ts';
import { contestants } from './contestants.ts';
import { changedAfter, type Noise } from './garble.ts';

/** A byte that stands in no text that a device says. */
export const FOREIGN = (): number => 0xff;

/** The last thing that was sent fits, and nothing before it does. */
export const afterSending =
  (sent: RegExp) =>
  (rows: readonly string[]): boolean =>
    sent.test(rows.findLast((row) => row.startsWith('to-device')) ?? '') &&
    rows.filter((row) => sent.test(row)).length === 1;

/** `count` tells how often the device was sent a text. `isTime`, asked with the transcript so far: only then is there noise. */
export function behindNoise(
  name: string,
  noise: Noise,
  isTime: (rows: readonly string[]) => boolean = () => true,
) {
  const contestant = contestants.find((one) => one.name === name);
  if (contestant === undefined) throw new Error(`no ${name}`);
  const transcript = new Transcript();
  const subject = contestant.newSubject();
  let heard = '';
  const make: MakeLineDevice = (send) => {
    const device = changedAfter(subject.make, noise, () => isTime(transcript.rows))(send);
    return {
      reboot: () => device.reboot(),
      swap: () => device.swap(),
      powerOff: () => device.powerOff(),
      receive(bytes) {
        heard += Buffer.from(bytes).toString('latin1');
        device.receive(bytes);
      },
    };
  };
  const run = async <T>(work: (session: DeviceSession) => Promise<T>): Promise<T> => {
    const { driver, target } = contestant;
    const { portPath, unplug } = await plugIn(make);
    try {
      const session = await openOnPort(driver, target, portPath, { transcript });
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    } finally {
      unplug();
    }
  };
  return { run, transcript, subject, count: (text: string) => heard.split(text).length - 1 };
}
