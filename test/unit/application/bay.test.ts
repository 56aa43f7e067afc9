import { describe, expect, it } from 'vitest';
import { newBay, portFor, REPLUG_MS, stateOf, takePort } from '../../../core/application/bay.ts';
import type { PortInfo } from '../../../core/link/serial/portInfo.ts';

const port = (usbSerialNumber: string, location = '1-1', path = '/dev/ttyACM0'): PortInfo => ({
  ...{ path, usbSerialNumber, location },
  manufacturer: undefined,
  product: undefined,
  vendorId: undefined,
  productId: undefined,
});
const layout = { bayName: 'A1', row: 0, column: 0, binding: { kind: 'location', value: '1-1' } } as const;
const done = { runId: 'run-1', deviceSerial: 'SN-1', startedAtMs: 0, phases: [], outcome: 'pass' } as const;

describe('a bay', () => {
  it('is bound to a place or a number, never to a port name', () => {
    const ports = [port('X', '9-9'), port('Y', '1-1', '/dev/ttyACM7')];
    expect(portFor(layout, ports)?.path).toBe('/dev/ttyACM7');
    expect(portFor({ ...layout, binding: { kind: 'usb-serial-number', value: 'X' } }, ports)?.location).toBe(
      '9-9',
    );
    expect(portFor({ bayName: 'A1', row: 0, column: 0 }, ports)).toBeUndefined();
  });

  it('goes from empty to ready to done, and is ready again only for the next device', () => {
    const bay = newBay(layout, false);
    expect(stateOf(bay)).toBe('empty');
    expect(takePort(bay, port('X'), 0)).toBe(true);
    expect(stateOf(bay)).toBe('ready');
    bay.run = done;
    expect(takePort(bay, port('X'), 10)).toBe(false);
    expect(stateOf(bay)).toBe('done');
    takePort(bay, undefined, 20);
    expect(stateOf(bay)).toBe('done');
    expect(takePort(bay, port('X'), 20 + REPLUG_MS - 1)).toBe(false);
    expect(stateOf(bay)).toBe('done');
    takePort(bay, undefined, 5_000);
    expect(takePort(bay, port('X'), 5_000 + REPLUG_MS)).toBe(true);
    expect(stateOf(bay)).toBe('ready');
  });

  it('sees another device even when nobody saw the gap', () => {
    const bay = newBay(layout, false);
    takePort(bay, port('X'), 0);
    bay.run = done;
    expect(takePort(bay, port('Y'), 1)).toBe(true);
    expect(stateOf(bay)).toBe('ready');
  });

  it('keeps the run that is under way whatever its port does', () => {
    const bay = newBay(layout, false);
    takePort(bay, port('X'), 0);
    bay.controller = new AbortController();
    bay.run = done;
    takePort(bay, undefined, 10);
    takePort(bay, port('Y'), 9_000);
    expect(bay.run).toBe(done);
    expect(stateOf(bay)).toBe('running');
  });

  describe('whose port is plugged in anew between two looks', () => {
    const bridge = (attachment: string): PortInfo => ({
      ...port('', '1-1'),
      usbSerialNumber: undefined,
      attachment,
    });
    const done1 = (device: PortInfo) => {
      const bay = newBay(layout, false);
      takePort(bay, device, 0);
      bay.run = done;
      return bay;
    };

    it('is ready for the next where the device has no number, with no gap seen or a short one', () => {
      const unseen = done1(bridge('a'));
      expect(takePort(unseen, bridge('b'), 1)).toBe(true);
      expect(stateOf(unseen)).toBe('ready');
      const seen = done1(bridge('a'));
      takePort(seen, undefined, 1);
      expect(takePort(seen, bridge('b'), 2)).toBe(true);
      expect(stateOf(seen)).toBe('ready');
    });

    it('is ready for the next where the number names the socket only', () => {
      const inSocket = (attachment: string): PortInfo => ({
        ...port('A1'),
        attachment,
        numberIsOfSocket: true,
      });
      const bay = done1(inSocket('a'));
      expect(takePort(bay, inSocket('a'), 1)).toBe(false);
      expect(stateOf(bay)).toBe('done');
      expect(takePort(bay, inSocket('b'), 2)).toBe(true);
      expect(stateOf(bay)).toBe('ready');
    });

    it('keeps the verdict where the same number came back: the device started anew', () => {
      const bay = done1({ ...port('X'), attachment: 'a' });
      expect(takePort(bay, { ...port('X'), attachment: 'b' }, 1)).toBe(false);
      expect(stateOf(bay)).toBe('done');
    });

    it('takes a return that the run caused for the same device, also when it comes after the run', () => {
      const bay = done1(bridge('a'));
      bay.controller = new AbortController();
      takePort(bay, undefined, 1);
      bay.controller = undefined;
      expect(takePort(bay, bridge('b'), 2)).toBe(false);
      expect(stateOf(bay)).toBe('done');
      expect(takePort(bay, bridge('c'), 3)).toBe(true);
    });
  });
});
