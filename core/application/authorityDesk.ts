// The local CA as a supervisor works with it: lock and unlock, root and chain to take away.

import type { StationMethods } from '../contract/rpc/host.ts';
import { toPem } from '../der/pem.ts';
import { StationError } from '../domain/stationError.ts';
import { authorityView } from './authorityView.ts';
import { lockNow, requestLock, unlock } from './workshop.ts';
import { houseOf, operatorOf, tellSession, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  'authority.get' | 'authority.unlock' | 'authority.lock' | 'authority.export'
>;

export function createAuthorityDesk(world: World): Part {
  const { clock } = world;
  const audit = (act: string, details: Readonly<Record<string, string | number>>): void =>
    houseOf(world).inventory.append({ act, actor: operatorOf(world), atMs: clock.nowMs(), details });

  return {
    'authority.get': () => authorityView(world),
    'authority.unlock': async ({ passphrase, lockAfterMinutes }) => {
      const house = houseOf(world);
      try {
        await unlock(world, house, passphrase, lockAfterMinutes);
      } catch (thrown) {
        if (thrown instanceof StationError && thrown.code === 'passphrase_wrong')
          audit('authority-unlock-refused', {});
        throw thrown;
      }
      audit('authority-unlocked', { lockAfterMinutes });
      return tellSession(world);
    },
    'authority.lock': async () => {
      if (world.workshop !== undefined) audit('authority-locked', { why: 'operator' });
      requestLock(world);
      if (world.runsUnderWay() === 0) await lockNow(world);
      return tellSession(world);
    },
    'authority.export': ({ what, format }) => {
      const { authority, facts } = houseOf(world);
      const { rootDer, trustBundleDer } = authority;
      // Every CA of the site, issuing CAs before roots: during a roll-over there are several.
      const ders = what === 'root' ? [rootDer] : trustBundleDer.toReversed();
      if (format === 'der' && ders.length > 1)
        throw new StationError('value_invalid', {
          field: 'format',
          value: 'der',
          reason: 'more than one certificate',
        });
      const bytes =
        format === 'der' ? rootDer : Buffer.from(ders.map((der) => toPem('CERTIFICATE', der)).join(''));
      audit('authority-exported', { what, format });
      return {
        fileName: `${facts.name.replace(/[^A-Za-z0-9._-]+/g, '-')}-${what}.${format === 'pem' ? 'pem' : 'cer'}`,
        mediaType: format === 'pem' ? 'application/x-pem-file' : 'application/pkix-cert',
        base64: Buffer.from(bytes).toString('base64'),
      };
    },
  };
}
