import { describe, expect, it } from 'vitest';
import type { Bay, BayLayout, BayState, SerialPortView } from '../../../core/contract/schemas/bays.ts';
import { bayInScan, nextBay, strengthOf } from '../../../renderer/data/nextBay.ts';
import { stepsOf } from '../../../renderer/screens/provision/steps.ts';
import {
  addBay,
  bindBay,
  bindingsOf,
  layoutOf,
  namesClash,
  proposeBays,
  removeBay,
  renameBay,
} from '../../../renderer/screens/settings/layout.ts';
import {
  authorityOf,
  EMPTY_DRAFT,
  isReady,
  passphraseStrength,
} from '../../../renderer/screens/welcome/draft.ts';

const PORT = { path: '/dev/ttyACM0' };

const bay = (bayName: string, state: BayState, values: Partial<Bay> = {}): Bay => ({
  bayName,
  row: 0,
  column: Number(bayName.slice(1)) - 1,
  state,
  handsFree: false,
  ...(state === 'empty' || state === 'unbound' ? {} : { port: PORT }),
  ...values,
});
const done = (bayName: string, endedAtMs: number): Bay =>
  bay(bayName, 'done', {
    run: { runId: 'r', deviceSerial: 'X', startedAtMs: 0, endedAtMs, outcome: 'pass', phases: [] },
  });

describe('the bay that the next scan starts', () => {
  it.each([
    [
      'the first that is ready, in the order of the bench',
      [bay('A2', 'ready'), bay('A1', 'ready')],
      undefined,
      'A1',
    ],
    ['the chosen one', [bay('A1', 'ready'), bay('A2', 'ready')], 'A2', 'A2'],
    ['not a chosen one that is at work', [bay('A1', 'ready'), bay('A2', 'running')], 'A2', 'A1'],
    ['not an empty one, even chosen', [bay('A1', 'empty'), bay('A2', 'ready')], 'A1', 'A2'],
    ['a ready one before one with a verdict', [done('A1', 1), bay('A2', 'ready')], undefined, 'A2'],
    [
      'the oldest verdict when nothing is ready',
      [done('A1', 9), done('A2', 3), bay('A3', 'running')],
      undefined,
      'A2',
    ],
    [
      'never a hands-free one, unless chosen',
      [bay('A1', 'ready', { handsFree: true }), bay('A2', 'running')],
      undefined,
      undefined,
    ],
    ['a hands-free one that was chosen', [bay('A1', 'ready', { handsFree: true })], 'A1', 'A1'],
    ['none without bays', [], 'A1', undefined],
    ['none that lost its device', [bay('A1', 'done', { port: undefined } as never)], undefined, undefined],
  ])('is %s', (_, bays, chosen, expected) => {
    expect(nextBay(bays, chosen)?.bayName).toBe(expected);
  });

  it('can be chosen by its own barcode', () => {
    expect(bayInScan('bay:A1')).toBe('A1');
    expect(bayInScan('BAY:left rack')).toBe('left rack');
    expect(bayInScan('KL7-bay:1')).toBeUndefined();
  });
});

describe('the strength of a check', () => {
  it.each([
    [['device-digest', 'proof-of-possession'], 'strong'],
    [['read-back', 'length-only'], 'partial'],
    [['impossible', 'device-digest'], 'weak'],
    [[], 'weak'],
  ])('%j is %s', (checks, strength) => {
    expect(strengthOf(checks)).toBe(strength);
  });
});

describe('the stepper', () => {
  it('shows done, under way, failed and waiting phases', () => {
    const steps = stepsOf({
      runId: 'r',
      deviceSerial: 'X',
      startedAtMs: 0,
      phases: [
        { phase: 'open', startedAtMs: 0, endedAtMs: 1_500, outcome: 'pass' },
        { phase: 'identify', startedAtMs: 1_500, endedAtMs: 1_600, outcome: 'fail' },
        { phase: 'key', startedAtMs: 1_600 },
      ],
    });
    expect(steps.slice(0, 5).map(({ step }) => step)).toEqual([
      'done',
      'failed',
      'waiting',
      'now',
      'waiting',
    ]);
    expect(steps[0]?.seconds).toBe(1.5);
    expect(steps).toHaveLength(10);
  });
});

describe("the bench's layout", () => {
  const binding = { kind: 'location', value: '1-1.2' } as const;

  it('names a new bay by its place, and never twice', () => {
    const layout = addBay(addBay([], 0, 0), 1, 2);
    expect(layout.map(({ bayName }) => bayName)).toEqual(['A1', 'B3']);
    expect(addBay(renameBay(layout, 1, 'A2'), 0, 1).at(-1)?.bayName).toBe('A3');
  });

  it('binds a port to one bay only', () => {
    const two = bindBay(addBay(addBay([], 0, 0), 0, 1), 0, binding);
    const moved = bindBay(two, 1, binding);
    expect(moved.map((one) => one.binding)).toEqual([undefined, binding]);
    expect(bindBay(moved, 1, undefined)[1]).not.toHaveProperty('binding');
  });

  it('notices names that clash or are missing', () => {
    const two = addBay(addBay([], 0, 0), 0, 1);
    expect(namesClash(two)).toBe(false);
    expect(namesClash(renameBay(two, 0, 'a2 '))).toBe(true);
    expect(namesClash(renameBay(two, 0, ' '))).toBe(true);
    expect(removeBay(two, 0)).toHaveLength(1);
  });

  it('offers the serial number of a port before its place', () => {
    expect(bindingsOf({ path: 'x', location: '1-1', usbSerialNumber: 'S' }).map(({ kind }) => kind)).toEqual([
      'usb-serial-number',
      'location',
    ]);
    expect(bindingsOf({ path: 'x' })).toEqual([]);
  });

  it('saves nothing but the layout', () => {
    expect(layoutOf([bay('A1', 'ready')])).toEqual([{ bayName: 'A1', row: 0, column: 0 }]);
  });
});

describe('the first start', () => {
  const named = {
    ...EMPTY_DRAFT,
    stationName: 'B',
    site: 'S',
    operatorName: 'O',
    pin: '1234',
    pinAgain: '1234',
  };

  it('lets nobody on with a missing name, a short PIN or two different ones', () => {
    expect(isReady('name', named)).toBe(true);
    expect(isReady('name', { ...named, site: ' ' })).toBe(false);
    expect(isReady('name', { ...named, pin: '123', pinAgain: '123' })).toBe(false);
    expect(isReady('name', { ...named, pinAgain: '1235' })).toBe(false);
  });

  it('asks a passphrase of length and variety for a new authority', () => {
    expect(passphraseStrength('short')).toBe('weak');
    expect(passphraseStrength('aaaaaaaaaaaaaaaa')).toBe('weak');
    expect(passphraseStrength('copper lantern')).toBe('fair');
    expect(passphraseStrength('copper lantern orbit velvet')).toBe('good');
    const draft = { ...named, passphrase: 'copper lantern', passphraseAgain: 'copper lantern' };
    expect(isReady('authority', draft)).toBe(true);
    expect(isReady('authority', { ...draft, passphraseAgain: 'copper' })).toBe(false);
  });

  it('asks files and a new passphrase for an import, and names the site where no organisation is given', () => {
    const words = 'copper lantern orbit velvet';
    const draft = { ...named, kind: 'import', passphrase: words, passphraseAgain: words } as const;
    const files = [{ fileName: 'ca.p12', base64: 'QQ==' }];
    expect(isReady('authority', draft)).toBe(false);
    expect(isReady('authority', { ...draft, files })).toBe(true);
    expect(isReady('authority', { ...draft, files, passphraseAgain: 'other words' })).toBe(false);
    expect(isReady('authority', { ...draft, files, passphrase: 'x', passphraseAgain: 'x' })).toBe(false);
    expect(authorityOf({ ...draft, files })).toEqual({ kind: 'import', passphrase: words, files: ['QQ=='] });
    expect(authorityOf({ ...draft, files, filesPassphrase: 'old' })).toMatchObject({
      filesPassphrase: 'old',
    });
    expect(authorityOf({ ...named, passphrase: 'p' })).toEqual({
      kind: 'create',
      passphrase: 'p',
      organisation: 'S',
    });
    expect(authorityOf({ ...named, kind: 'existing', passphrase: 'p' })).toEqual({
      kind: 'existing',
      passphrase: 'p',
    });
  });
});

describe('the bays that are proposed', () => {
  const port = (number: number, values: Partial<SerialPortView> = {}): SerialPortView => ({
    path: `/dev/ttyACM${number}`,
    usbSerialNumber: `SN${number}`,
    location: `1-1.${number}`,
    ...values,
  });
  const named = (layout: readonly BayLayout[]) =>
    layout.map(({ bayName, row, column, binding }) => [bayName, row, column, binding?.value]);

  it('are one for each port, at its place, from the back left', () => {
    expect(
      named(
        proposeBays(
          [],
          [1, 2, 3, 4, 5].map((number) => port(number)),
        ),
      ),
    ).toEqual([
      ['A1', 0, 0, '1-1.1'],
      ['A2', 0, 1, '1-1.2'],
      ['A3', 0, 2, '1-1.3'],
      ['A4', 0, 3, '1-1.4'],
      ['B1', 1, 0, '1-1.5'],
    ]);
  });

  it('fill what is free around the bays that are there, and leave those as they are', () => {
    const there = [
      { bayName: 'A2', row: 0, column: 1, binding: { kind: 'usb-serial-number', value: 'SN1' } },
    ] as const;
    expect(named(proposeBays(there, [port(1), port(2), port(3)]))).toEqual([
      ['A2', 0, 1, 'SN1'],
      ['A1', 0, 0, '1-1.2'],
      ['A3', 0, 2, '1-1.3'],
    ]);
  });

  it('leave out what is in a bay, what can be told by nothing, and the second port of one board', () => {
    const nameless = { path: '/dev/ttyS0' };
    const twin = port(7, { path: '/dev/ttyACM8' });
    const layout = proposeBays([], [port(6, { bayName: 'X' }), nameless, port(7), twin]);
    expect(named(layout)).toEqual([['A1', 0, 0, '1-1.7']]);
    expect(proposeBays([], [nameless])).toEqual([]);
  });

  it('tie to the number where there is no place', () => {
    const { location: _, ...numbered } = port(1);
    expect(proposeBays([], [numbered])[0]?.binding).toEqual({ kind: 'usb-serial-number', value: 'SN1' });
  });

  it('never stand on each other nor share a name, up to a full bench', () => {
    const layout = proposeBays(
      [],
      Array.from({ length: 60 }, (_, index) => port(index)),
    );
    expect(layout).toHaveLength(32);
    expect(new Set(layout.map(({ row, column }) => `${row} ${column}`)).size).toBe(32);
    expect(namesClash(layout)).toBe(false);
  });
});
