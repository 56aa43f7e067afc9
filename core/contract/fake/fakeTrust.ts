// The fake's revocation lists, exports and profiles: enough to look at, none of it signed.

import { PASSWORD_FILE_NAMES } from '../../domain/password.ts';
import { StationError } from '../../domain/stationError.ts';
import { TRUST_CONSUMERS } from '../../domain/trustConsumer.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { CrlSet, ProfilePage } from '../schemas/authority.ts';
import type { WrittenFiles } from '../schemas/common.ts';
import {
  DAY_MS,
  hexOf,
  refuseAtWork,
  refuseDuringBatch,
  rootRefusal,
  targetNamed,
  type World,
} from './world.ts';

type Part = Pick<
  StationMethods,
  'crl.get' | 'crl.renew' | 'crl.install' | 'crl.write' | 'trust.export' | 'authority.profiles'
>;

export const written = (kind: string, ...names: readonly string[]): WrittenFiles => {
  const folder = `/var/lib/keyline/exports/${kind}-2026-11-28T08-15-00-000Z`;
  return {
    folder,
    files: names.map((name, index) => ({
      path: `${folder}/${name}`,
      sizeBytes: 640 + index * 1_901,
      sha256: hexOf(index, 96, 64),
    })),
  };
};

const profile = (name: string, sizeBytes: number, more: Partial<ProfilePage> = {}): ProfilePage => ({
  name,
  version: 1,
  description: 'Client certificate for mutual TLS: subject from the device serial, ten years, P-256.',
  subject: ['CN={deviceSerial}', 'O={site}'],
  subjectAltName: [],
  keyAlgorithm: 'P-256',
  keyCustody: 'any',
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: ['clientAuth'],
  validityDays: 3_650,
  signedBy: { label: '2', subject: 'CN=Plant North Issuing CA 2, O=Plant North' },
  sizes: {
    certificateBytes: sizeBytes,
    handshakeLeafBytes: sizeBytes + 451,
    handshakeChainBytes: sizeBytes + 1_003,
    flashBytes: sizeBytes + 1_241,
  },
  ...more,
});

export const FAKE_PROFILES: readonly ProfilePage[] = [
  profile('tls-client', 487),
  profile('idevid', 612, {
    description:
      'IEEE 802.1AR IDevID: hardwareModuleName, no well-defined expiration, key made on the device.',
    subject: ['serialNumber={deviceSerial}'],
    subjectAltName: ['hardwareModuleName 1.3.6.1.4.1.55555.1 {hardwareId}'],
    keyCustody: 'on-device',
    extendedKeyUsage: [],
    validityDays: undefined,
  }),
  profile('tls-client-rsa', 1_127, {
    description: 'For old hardware: RSA 2048.',
    keyAlgorithm: 'RSA-2048',
    signedBy: { label: '1', subject: 'CN=Plant North Issuing CA 1, O=Plant North' },
  }),
  profile('matter-dac', 0, {
    subject: ['CN={deviceSerial}', 'matterVendorId=FFF1', 'matterProductId=8000'],
    sizes: undefined,
    problem: { code: 'leaf_outlives_issuer', side: 'operator', details: {} },
  }),
];

/** The fake's credentials without a bay. */
export const fakeIssuing = (
  world: World,
  isProvisioned: (deviceSerial: string) => boolean,
): Pick<
  StationMethods,
  | 'issue.manifest'
  | 'issue.renew'
  | 'issue.request'
  | 'issue.sshHost'
  | 'passwords.make'
  | 'passwords.revoke'
  | 'passwords.export'
> => ({
  'issue.manifest': () => written('manifest-WO', 'manifest.csv', 'manifest.sig', 'manifest-signer.pem'),
  'issue.renew': ({ deviceSerial }) => ({
    ...written(`credential-${deviceSerial}`, `${deviceSerial}.key.pem`, `${deviceSerial}.pem`),
    certificateSerial: hexOf(7, 97, 32),
    replaced: hexOf(8, 97, 32),
  }),
  'issue.request': ({ deviceSerial, request, targetName }) => {
    if (!atob(request).includes('CERTIFICATE REQUEST'))
      throw new StationError('encoding_invalid', { reason: 'pem-label' });
    if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
    refuseDuringBatch(world);
    targetNamed(world, targetName);
    if (isProvisioned(deviceSerial)) throw new StationError('already_provisioned', { deviceSerial });
    return {
      ...written(`credential-${deviceSerial}`, `${deviceSerial}.pem`),
      certificateSerial: hexOf(7, 97, 32),
    };
  },
  'issue.sshHost': ({ deviceSerial, publicKey, fileName, validityDays }) => {
    if (!/^(ssh-ed25519|ecdsa-sha2-nistp(256|384)) /.test(atob(publicKey)))
      throw new StationError('value_invalid', { field: 'ssh public key', reason: 'form' });
    if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
    const certificate = `${fileName.replace(/\.pub$/, '')}-cert.pub`;
    return {
      ...written(`ssh-host-${deviceSerial}`, certificate, 'known_hosts'),
      notAfterMs: world.options.nowMs() + validityDays * DAY_MS,
    };
  },
  'passwords.make': ({ usernames = ['KL7-2700001', 'KL7-2700002', 'KL7-2700003'], length }) => ({
    made: usernames.length,
    labels: usernames.map((username, index) => ({
      username,
      password: hexOf(index, 98, 128).toUpperCase().slice(0, length),
    })),
  }),
  'passwords.revoke': () => ({}),
  'passwords.export': ({ format }) => written(`passwords-${format}`, PASSWORD_FILE_NAMES[format]),
});

export function fakeTrust(world: World, revokeCa: (label: string) => void): Part {
  const now = world.options.nowMs;
  let renewedAtMs = now() - 26 * DAY_MS;
  let rootInstalledAtMs: number | undefined;
  const lists = (): CrlSet => ({
    warnDays: 7,
    lists: (['issuing', 'root'] as const).flatMap((ca) =>
      (ca === 'root' ? ['1'] : ['1', '2']).map((label) => {
        const thisUpdateMs = (ca === 'root' ? rootInstalledAtMs : undefined) ?? renewedAtMs;
        const nextUpdateMs = ca === 'root' ? thisUpdateMs + 400 * DAY_MS : renewedAtMs + 30 * DAY_MS;
        return {
          ...{ ca, label, nextUpdateMs, thisUpdateMs },
          keyHere: ca === 'issuing' || world.options.rootRefuses !== 'root_elsewhere',
          subject: ca === 'root' ? `CN=${world.site} Root CA` : `CN=${world.site} Issuing CA ${label}`,
          freshness: nextUpdateMs - now() < 7 * DAY_MS ? ('due' as const) : ('fresh' as const),
          crlNumber: String(Math.floor(thisUpdateMs / 1_000)),
          revoked: ca === 'root' ? 0 : 9_981 * Number(label),
        };
      }),
    ),
  });

  return {
    'crl.get': lists,
    'crl.renew': () => {
      if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
      renewedAtMs = now();
      const why = rootRefusal(world);
      return { ...lists(), kept: why === undefined ? [] : [{ ca: 'root' as const, label: '1', why }] };
    },
    'crl.install': ({ file }) => {
      refuseAtWork(world);
      const text = atob(file);
      if (!text.includes('-----BEGIN X509 CRL'))
        throw new StationError('encoding_invalid', { reason: 'not-a-list', meaning: 'root-list-unfit' });
      rootInstalledAtMs = now();
      const revoked = [...text.matchAll(/^Revokes (\d)$/gm)].map(([, label = '']) => label);
      for (const label of revoked) revokeCa(label);
      return { ...lists(), revoked };
    },
    'crl.write': () => written('revocation-lists', 'crl-set.pem', 'issuing-1.crl.pem', 'root-1.crl.pem'),
    'trust.export': (input) => {
      const missing = TRUST_CONSUMERS[input.consumer].required.find((field) => input[field] === undefined);
      if (missing !== undefined) throw new StationError('value_missing', { field: missing });
      return written(`trust-${input.consumer}`, 'device-cas.pem', 'device-crls.pem', 'keyline.conf');
    },
    'authority.profiles': () => FAKE_PROFILES,
  };
}
