// Usernames and passwords, cut by SIGKILL around every record of them: a user is there with a verifier or not at all, the
// passwords themselves are nowhere but in the file that was asked for, and one more `make` leaves a whole file.

import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cliProcess.ts';
import { stationOfTests } from '../support/cliStation.ts';
import { filesBelow } from '../support/keyScan.ts';
import { killPointsOf, type Sabotage, sabotage } from '../support/sabotage.ts';
import { expectAlwaysTrue, watched } from '../support/sweepChecks.ts';

const NAMES = Array.from({ length: 51 }, (_, n) => `PW-${n}`); // more than one block of 50

const { station } = stationOfTests();
let labels: string;
beforeAll(async () => {
  labels = join(station.beside, 'labels.csv');
});

const make = (how: Sabotage = {}) =>
  cli(['password', 'make', ...NAMES, '--out', labels], {
    ...watched(station, sabotage(how)),
    data: station.data,
  });

/** The passwords that stand in the file, by user. */
const passwords = (): ReadonlyMap<string, string> =>
  new Map(
    existsSync(labels)
      ? readFileSync(labels, 'utf8')
          .split('\n')
          .slice(1)
          .filter(Boolean)
          .map((line) => {
            const [user = '', password = ''] = line.split(',');
            return [user, password] as const;
          })
      : [],
  );

/** The users that a broker would be given. */
async function exported(): Promise<readonly string[]> {
  const out = join(station.beside, 'broker.passwd');
  const done = await cli(['password', 'export', '--format', 'mosquitto', '--out', out], {
    data: station.data,
  });
  expect(done.code, done.stdout).toBe(0);
  return readFileSync(out, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(':')[0] ?? '');
}

function expectNowhere(texts: Iterable<string>): void {
  const sought = [...texts];
  const found = filesBelow(station.data).filter((path) => {
    const bytes = readFileSync(path);
    return sought.some((text) => bytes.includes(text));
  });
  expect(found).toEqual([]);
}

describe.skipIf(process.platform === 'win32')('passwords cut at every record', () => {
  test('each user is whole or absent, and no password is kept', async () => {
    const pointsOut = join(station.beside, 'points.txt');
    expect((await make({ pointsOut })).code).toBe(0);
    const points = killPointsOf(pointsOut).filter((point) => point.includes('addPasswordUsers'));
    expect(points).toEqual(
      [1, 2].flatMap((block) => [`before addPasswordUsers #${block}`, `after addPasswordUsers #${block}`]),
    );
    expect([...passwords().keys()]).toEqual(NAMES);
    expectNowhere(passwords().values());

    for (const point of points) {
      const before = new Set(await exported());
      rmSync(labels, { force: true });
      const cut = await make({ killAt: point });
      expect(cut.signal).toBe('SIGKILL');
      expectAlwaysTrue(station, true);
      // Nothing that was there is gone, nobody is there twice.
      const users = await exported();
      expect(new Set(users).size).toBe(users.length);
      for (const user of before) expect(users).toContain(user);

      expect((await make()).code).toBe(0);
      expect([...passwords().keys()]).toEqual(NAMES);
      expect([...(await exported())].sort()).toEqual([...NAMES].sort());
      expectAlwaysTrue(station, true);
      expectNowhere(passwords().values());
    }
  }, 900_000);

  test('a file that others could read is theirs no longer before a password is in it', async () => {
    writeFileSync(labels, 'old\n');
    chmodSync(labels, 0o644);
    expect((await make()).code).toBe(0);
    expect(statSync(labels).mode & 0o777).toBe(0o600);
  });
});
