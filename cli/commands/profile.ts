// keyline profile: the certificate profiles and what they cost a device.

import { Command } from 'commander';
import { profilePages } from '../../core/application/profileDesk.ts';
import { openIssuingCas } from '../../core/authority/issuing/issuingCas.ts';
import { MATTER_LIMIT_BYTES, SMALL_STORE_LIMIT_BYTES } from '../../core/authority/lint/sizes.ts';
import { loadProfiles } from '../../core/authority/profileStore.ts';
import type { ProfilePage } from '../../core/contract/schemas/authority.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { readStationFacts } from '../../core/host/stationFile.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { failureWords } from '../output/failureWords.ts';
import { action, EXIT } from './shared.ts';

const HELP = `
Examples:
  $ keyline profile list
  $ keyline --profiles our-profiles/ profile list      # the site’s own, each mistake by its file

Bytes: the certificate at its largest for a short device serial, what the device sends in a TLS 1.3 handshake (alone,
and with the issuing CA), and the flash for certificate, issuing CA, root and key.
`;

export const profileCommand = (): Command => {
  const profile = new Command('profile').description(
    'what certificates contain, and what they cost a device',
  );
  profile.addHelpText('after', HELP);
  profile
    .command('list')
    .description('list the certificate profiles with their sizes in bytes')
    .action(
      action(({ output, folder, profilesFolder }) => {
        const facts = readStationFacts(folder.stationFile);
        if (facts === undefined) throw new StationError('station_missing', { path: folder.root });
        const at = { folder: folder.authority, clock: systemClock, random: systemRandom };
        const pages = profilePages(
          { authority: openIssuingCas(at), facts },
          loadProfiles(profilesFolder).values(),
        );
        output.table(
          'profile',
          [
            { title: 'Profile' },
            { title: 'Version', align: 'right' },
            { title: 'Key' },
            { title: 'CA' },
            { title: 'Certificate', align: 'right' },
            { title: 'Handshake', align: 'right' },
            { title: 'with CA', align: 'right' },
            { title: 'Flash', align: 'right' },
            { title: 'Note' },
          ],
          pages.map((page) => ({ facts: page, cells: cellsOf(page) })),
        );
        return EXIT.ok;
      }),
    );
  return profile;
};

function cellsOf(page: ProfilePage): readonly string[] {
  const { name, version, keyAlgorithm, signedBy, sizes } = page;
  const bytes = [
    sizes?.certificateBytes,
    sizes?.handshakeLeafBytes,
    sizes?.handshakeChainBytes,
    sizes?.flashBytes,
  ].map((size) => String(size ?? '–'));
  return [name, String(version), keyAlgorithm, signedBy.label, ...bytes, noteOf(page)];
}

function noteOf({ sizes, problem }: ProfilePage): string {
  if (problem !== undefined) return failureWords(problem).what;
  const size = sizes?.certificateBytes ?? 0;
  if (size > SMALL_STORE_LIMIT_BYTES) return 'over 1,024 bytes: too large for small modems and stores';
  return size > MATTER_LIMIT_BYTES ? 'over 600 bytes: too large for Matter' : '';
}
