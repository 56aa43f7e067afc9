// Edits to the bench's layout before it is saved. Pure.

import type { Bay, BayLayout, Binding, SerialPortView } from '../../../core/contract/schemas/bays.ts';

export const BENCH_COLUMNS = 8;
export const BENCH_ROWS = 4;

export const layoutOf = (bays: readonly Bay[]): readonly BayLayout[] =>
  bays.map(({ bayName, row, column, binding }) => ({
    bayName,
    row,
    column,
    ...(binding === undefined ? {} : { binding }),
  }));

export const bayAt = (layout: readonly BayLayout[], row: number, column: number): BayLayout | undefined =>
  layout.find((bay) => bay.row === row && bay.column === column);

/** "A1" for the back left. Taken names get the next number that is free. */
export function addBay(layout: readonly BayLayout[], row: number, column: number): readonly BayLayout[] {
  const taken = new Set(layout.map((bay) => bay.bayName));
  const letter = String.fromCharCode(65 + row);
  let number = column + 1;
  while (taken.has(`${letter}${number}`)) number++;
  return [...layout, { bayName: `${letter}${number}`, row, column }];
}

export const removeBay = (layout: readonly BayLayout[], index: number): readonly BayLayout[] =>
  layout.filter((_, place) => place !== index);

export const renameBay = (
  layout: readonly BayLayout[],
  index: number,
  bayName: string,
): readonly BayLayout[] => layout.map((bay, place) => (place === index ? { ...bay, bayName } : bay));

/** A binding belongs to one bay: taking it takes it from whoever had it. */
export function bindBay(
  layout: readonly BayLayout[],
  index: number,
  binding: Binding | undefined,
): readonly BayLayout[] {
  return layout.map((bay, place) => {
    const { binding: old, ...free } = bay;
    if (place === index) return binding === undefined ? free : { ...free, binding };
    const same =
      old !== undefined && binding !== undefined && old.kind === binding.kind && old.value === binding.value;
    return same ? free : bay;
  });
}

export const namesClash = (layout: readonly BayLayout[]): boolean =>
  new Set(layout.map((bay) => bay.bayName.trim().toLowerCase())).size < layout.length ||
  layout.some((bay) => bay.bayName.trim() === '');

/** What a port can be bound by, the surer first. */
export const bindingsOf = (port: SerialPortView): readonly Binding[] => [
  ...(port.usbSerialNumber === undefined
    ? []
    : [{ kind: 'usb-serial-number', value: port.usbSerialNumber } as const]),
  ...(port.location === undefined ? [] : [{ kind: 'location', value: port.location } as const]),
];

/** Up to so many stand in one row; more fill the bench's whole width. */
const ROW_OF_FEW = 4;

/**
 * A bay for every port that has none, from the back left. Tied to the place where there is one: what is plugged in there next
 * belongs to the same bay. A port that can be told by nothing gets none, and two ports of one board share one.
 */
export function proposeBays(
  layout: readonly BayLayout[],
  ports: readonly SerialPortView[],
): readonly BayLayout[] {
  const taken = new Set(
    layout.flatMap(({ binding }) => (binding === undefined ? [] : [JSON.stringify(binding)])),
  );
  const bindings = new Map<string, Binding>();
  for (const port of ports) {
    const [byNumber, byPlace] = [
      bindingsOf(port)[0],
      bindingsOf(port).find(({ kind }) => kind === 'location'),
    ];
    const binding = byPlace ?? byNumber;
    const isTaken = bindingsOf(port).some((one) => taken.has(JSON.stringify(one)));
    if (port.bayName === undefined && binding !== undefined && !isTaken) {
      bindings.set(JSON.stringify(binding), binding);
    }
  }
  const columns = layout.length + bindings.size > 2 * ROW_OF_FEW ? BENCH_COLUMNS : ROW_OF_FEW;
  let proposed = layout;
  let cell = 0;
  for (const binding of bindings.values()) {
    const place = (): readonly [number, number] => [Math.floor(cell / columns), cell % columns];
    while (bayAt(proposed, ...place()) !== undefined) cell += 1;
    const [row, column] = place();
    if (row >= BENCH_ROWS) break;
    proposed = bindBay(addBay(proposed, row, column), proposed.length, binding);
  }
  return proposed;
}
