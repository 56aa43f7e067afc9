// A station's four bays under test: a socket for each, and what stands in them.

import { NEW_STATION, type Opened, until } from './house.ts';

const LAYOUT = [1, 2, 3, 4].map((number) => ({
  bayName: `A${number}`,
  row: 0,
  column: number - 1,
  binding: { kind: 'location' as const, value: `1-1.${number}` },
}));

/** A list of device serials, as it is brought over the contract. */
export const serialsFile = (...serials: string[]): string =>
  Buffer.from(`serial\n${serials.join('\n')}\n`).toString('base64');

/** `opened` is asked anew each time: a test may open its station again. */
export function benchOf(opened: () => Opened) {
  const bayNamed = async (bayName: string) =>
    (await opened().client.call('bays.list', {})).find((bay) => bay.bayName === bayName);
  return {
    async found(): Promise<void> {
      await opened().client.call('session.createStation', NEW_STATION);
      await opened().client.call('bays.saveLayout', { bays: LAYOUT });
    },
    bayNamed,
    runEnd: (bayName: string) =>
      until(async () => {
        const bay = await bayNamed(bayName);
        return bay?.state === 'done' && bay.run?.outcome !== undefined ? bay.run : undefined;
      }),
    async plug(bayName: string, usbSerialNumber: string, options = {}): Promise<void> {
      opened().sockets.plug(`1-1.${bayName.slice(1)}`, usbSerialNumber, options);
      await until(async () => (await bayNamed(bayName))?.port?.usbSerialNumber === usbSerialNumber);
    },
  };
}
