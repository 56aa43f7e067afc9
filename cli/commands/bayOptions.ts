// How bays are named on the command line.

import { StationError } from '../../core/domain/stationError.ts';

export interface BayOption {
  readonly bayName: string;
  readonly portPath: string;
}

/** `--port P` makes bay-1, bay-2, …; `--bay left=P` names it. */
export function readBays(ports: readonly string[], named: readonly string[]): readonly BayOption[] {
  const bays = [
    ...ports.map((portPath, index) => ({ bayName: `bay-${index + 1}`, portPath })),
    ...named.map((text) => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1) {
        throw new StationError('usage', { reason: `--bay takes name=port, not “${text}”` });
      }
      return { bayName: text.slice(0, at), portPath: text.slice(at + 1) };
    }),
  ];
  if (bays.length === 0) throw new StationError('usage', { reason: 'name at least one --port' });
  refuseTwice(
    bays.map((bay) => bay.bayName),
    'bay',
  );
  refuseTwice(
    bays.map((bay) => bay.portPath),
    'port',
  );
  return bays;
}

function refuseTwice(values: readonly string[], what: string): void {
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) throw new StationError('usage', { reason: `${what} ${twice} is named twice` });
}
