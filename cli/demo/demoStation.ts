// The demo's throw-away station: made thirty days ago by its own clock, so that it can show a certificate that expired.

import { join } from 'node:path';
import { systemClock } from '../../core/domain/clock.ts';
import { Secret } from '../../core/domain/secret.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';
import { initStation, type MadeStation } from '../../core/host/initStation.ts';
import { type OpenedStation, openStation } from '../../core/host/openStation.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import type { OpenTransport } from '../../core/link/driverRegistry.ts';
import { profilesFolder } from '../resources.ts';

export const DEMO_OPERATOR = 'demo';
export const DAY_MS = 24 * 60 * 60 * 1000;
const FOUNDED_BEFORE_MS = 30 * DAY_MS;

/** Only protects the demo's own keys; a real station's passphrase is asked for. */
const demoPassphrase = (): Secret => Secret.fromText('only for the demo, never for real');

const clockBehind = (behindMs: number) => ({ nowMs: () => systemClock.nowMs() - behindMs });

export function makeDemoStation(root: string, site: string): MadeStation {
  const passphrase = demoPassphrase();
  try {
    return initStation({
      folder: dataFolder(root),
      site,
      name: 'demo-station',
      operatorName: DEMO_OPERATOR,
      passphrase,
      clock: clockBehind(FOUNDED_BEFORE_MS),
      random: systemRandom,
    });
  } finally {
    passphrase.wipe();
  }
}

/** Opens it with a clock that is `behindMs` behind the system's. */
export const openDemoStation = (
  root: string,
  openTransport?: OpenTransport,
  behindMs = 0,
): Promise<OpenedStation> =>
  openStation({
    folder: dataFolder(root),
    passphrase: demoPassphrase(),
    profilesFolder,
    operatorName: DEMO_OPERATOR,
    clock: clockBehind(behindMs),
    ...(openTransport === undefined ? {} : { openTransport }),
  });

export const foreignStationFolder = (folder: string): string => join(folder, 'foreign-station');
