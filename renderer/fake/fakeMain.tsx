// The window against the fake station, in one page. For development, tests and pictures; never packaged.
// The address says what is shown: ?stage=no-station&bays=16&speed=20&theme=dark&language=de&long&empty…

import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { fakeStation } from '../../core/contract/fake/fakeStation.ts';
import type { FakeOptions } from '../../core/contract/fake/world.ts';
import { serveStation } from '../../core/contract/rpc/host.ts';
import { wirePair } from '../../core/contract/rpc/wire.ts';
import type { Keychain } from '../../core/contract/schemas/authority.ts';
import type { Settings, Stage } from '../../core/contract/schemas/session.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { App } from '../App.tsx';
import type { Connect, ConnectionListener } from '../connection/connection.ts';
import '../design/all.css';

z.config({ jitless: true });

const asked = new URLSearchParams(location.search);
const number = (name: string, otherwise: number): number => Number(asked.get(name) ?? otherwise);

const station = fakeStation({
  stage: (asked.get('stage') ?? 'signed-in') as Stage,
  role: asked.get('role') === 'operator' ? 'operator' : 'supervisor',
  practice: asked.has('practice'),
  bays: number('bays', 4),
  speed: number('speed', 1),
  inventoryRows: asked.has('empty') ? 0 : number('rows', 100_000),
  orders: !asked.has('empty'),
  longNames: asked.has('long'),
  auditIntact: !asked.has('broken'),
  keychainTrouble: (asked.get('keychain') ?? undefined) as Keychain['trouble'],
  rootRefuses: (asked.get('root') ?? undefined) as FakeOptions['rootRefuses'],
  settings: {
    theme: (asked.get('theme') ?? 'light') as Settings['theme'],
    language: (asked.get('language') ?? 'en') as Settings['language'],
    soundEnabled: asked.has('sound'),
    soundVolume: 0.5,
  },
});

let listener: ConnectionListener | undefined;
let end: (() => void) | undefined;
const refusals: string[] = [];

function serve(): void {
  const [stationEnd, windowEnd] = wirePair();
  end = serveStation(stationEnd, station.service, (entry) =>
    refusals.push(`${entry.method}: ${entry.reason}`),
  );
  listener?.connected(windowEnd);
}

const connect: Connect = (given) => {
  listener = given;
  const timer = window.setTimeout(serve, 0);
  return () => {
    window.clearTimeout(timer);
    end?.();
  };
};

/** What the tests and pictures do to the station from outside. */
const handle = {
  station,
  refusals,
  StationError,
  /** The station's process dies, and is back after `ms`. */
  die: (ms: number): void => {
    end?.();
    station.bays.abandon();
    listener?.lost();
    window.setTimeout(() => {
      serve();
      window.setTimeout(
        () => station.emit({ event: 'station.restarted', payload: { runsClosed: 2, credentialsDecided: 1 } }),
        50,
      );
    }, ms);
  },
};
export type FakeHandle = typeof handle;

declare global {
  interface Window {
    fake: FakeHandle;
  }
}
window.fake = handle;

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App connect={connect} />);
