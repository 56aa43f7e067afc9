// The fake's local CA: it has certificates to show and signs nothing.

import { isMatterId } from '../../domain/matter.ts';
import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { AuthorityView, IssuingCa, Matter, ServerCertificate } from '../schemas/authority.ts';
import { certificateOf } from './fakeCertificate.ts';
import { FAKE_PROFILES, fakeTrust, written } from './fakeTrust.ts';
import { DAY_MS, hexOf, refuseAtWork, rootRefusal, tellSession, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  Extract<keyof StationMethods, `authority.${string}` | `crl.${string}` | `trust.${string}`>
>;

/** As the station: a vendor or product that cannot stand in a CA's name. */
function refuseMatterIds(matter: Matter | undefined): void {
  for (const value of [matter?.vendorId, matter?.productId]) {
    if (value !== undefined && !isMatterId(value))
      throw new StationError('name_value_invalid', { value, reason: 'alphabet', meaning: 'matter-id-form' });
  }
}

export function fakeAuthority(world: World): Part {
  const now = world.options.nowMs;
  const servers: ServerCertificate[] = [
    {
      credentialId: 'credential-5e1',
      serverName: 'mqtt.plant.example',
      names: ['mqtt.plant.example', '10.20.0.5'],
      notAfterMs: now() + 211 * DAY_MS,
      revoked: false,
    },
    {
      credentialId: 'credential-5e2',
      serverName: 'edge-old.plant.example',
      names: ['edge-old.plant.example'],
      notAfterMs: now() - 12 * DAY_MS,
      revoked: false,
    },
  ];

  const usages = { keyUsage: ['keyCertSign', 'cRLSign'], extendedKeyUsage: [] };
  const root = certificateOf(world, 1, {
    ...usages,
    issuer: `CN=${world.site} Root CA, O=${world.site}`,
    subject: `CN=${world.site} Root CA, O=${world.site}`,
    notAfterMs: now() + 7_100 * DAY_MS,
  });
  const ca = (number: number, more: Partial<IssuingCa>): IssuingCa => ({
    label: String(number),
    certificate: certificateOf(world, 1 + number, {
      ...usages,
      issuer: root.subject,
      subject: `CN=${world.site} Issuing CA ${number}, O=${world.site}`,
      notAfterMs: now() + (number === 1 ? 410 : 3_450) * DAY_MS,
    }),
    active: false,
    profiles: [],
    custody: 'file',
    used: 0,
    revoked: false,
    ...more,
  });
  let cas: IssuingCa[] = [
    ca(1, { profiles: ['tls-client-rsa'], used: 68_412, quota: 70_000 }),
    ca(2, {
      active: true,
      used: Math.round(world.options.inventoryRows * 0.3),
      endsAtMs: now() + 900 * DAY_MS,
    }),
  ];
  let requests: AuthorityView['requests'] = [];
  let kept = false;
  const revoke = (label: string): void => {
    cas = cas.map((one) => (one.label === label ? { ...one, revoked: true } : one));
  };
  const without = (profileName: string): IssuingCa[] =>
    cas.map((one) => ({ ...one, profiles: one.profiles.filter((name) => name !== profileName) }));
  const nextLabel = (): number => cas.length + requests.length + 1;
  const view = (): AuthorityView => {
    if (world.lock.state === 'missing') throw new StationError('authority_missing');
    return {
      lock: world.lock,
      root,
      issuing: (cas.find((one) => one.active) ?? ca(1, {})).certificate,
      issuingCas: cas,
      requests,
      rootHere: world.options.rootRefuses !== 'root_elsewhere',
      issuedCount: world.options.inventoryRows,
      liveCount: Math.round(world.options.inventoryRows * 0.8),
      revokedCount: Math.round(world.options.inventoryRows * 0.1),
      newestIssuedAtMs: now() - 48_000,
      serverCertificates: servers,
    };
  };
  const issue = (names: readonly string[], validityDays: number) => {
    if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
    const serverName = names[0] ?? '';
    const credentialId = `credential-${hexOf(servers.length, 95, 16)}`;
    const server: ServerCertificate = {
      ...{ credentialId, serverName, names: [...names], revoked: false },
      notAfterMs: now() + validityDays * DAY_MS,
    };
    servers.unshift(server);
    return { server, ...written(`server-${serverName}`, 'server.key.pem', 'server.pem', 'trust-bundle.pem') };
  };

  return {
    ...fakeTrust(world, revoke),
    'authority.get': view,
    'authority.rollOver': async ({ passphrase, profileName, matter }) => {
      if (profileName !== undefined && !FAKE_PROFILES.some(({ name }) => name === profileName))
        throw new StationError('profile_unknown', { name: profileName });
      refuseAtWork(world);
      await new Promise<void>((resolve) => world.options.later(resolve, 900));
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      if (matter !== undefined && profileName === undefined)
        throw new StationError('value_invalid', { field: 'profile', meaning: 'pai-for-one-profile' });
      refuseMatterIds(matter);
      if (world.options.rootRefuses === 'root_elsewhere') throw new StationError('root_elsewhere');
      const next = nextLabel();
      cas =
        profileName === undefined
          ? [...cas.map((one) => ({ ...one, active: false })), ca(next, { active: true })]
          : [...without(profileName), ca(next, { profiles: [profileName] })];
      return view();
    },
    'authority.request': ({ passphrase, commonName, matter }) => {
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      refuseMatterIds(matter);
      const label = String(nextLabel());
      const name =
        commonName ?? `${world.site} ${matter === undefined ? 'Issuing CA' : 'Matter PAI'} ${label}`;
      requests = [...requests, { label, subject: `CN=${name}, O=${world.site}` }];
      return { label, ...written(`issuing-ca-${label}-request`, 'issuing.csr.pem') };
    },
    'authority.install': ({ label, file, passphrase }) => {
      if (!requests.some((one) => one.label === label)) throw new StationError('request_missing');
      refuseAtWork(world);
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      if (!atob(file).includes('-----BEGIN CERTIFICATE'))
        throw new StationError('chain_invalid', { reason: 'no-certificate-for-the-request' });
      requests = requests.filter((one) => one.label !== label);
      cas = [...cas, ca(Number(label), {})];
      return view();
    },
    'authority.import': ({ passphrase, filesPassphrase }) => {
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      if (filesPassphrase === 'wrong')
        throw new StationError('passphrase_wrong', { meaning: 'import-password-wrong' });
      refuseAtWork(world);
      cas = [...cas, ca(nextLabel(), {})];
      return view();
    },
    'authority.assign': ({ label, profileName }) => {
      cas =
        profileName === undefined
          ? cas.map((one) => ({ ...one, active: one.label === label, profiles: [] }))
          : without(profileName).map((one) =>
              one.label === label ? { ...one, profiles: [...one.profiles, profileName] } : one,
            );
      return view();
    },
    'authority.revokeIssuing': ({ label, passphrase }) => {
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      revoke(label);
      const unlisted = rootRefusal(world);
      const files =
        unlisted === undefined
          ? ['crl-set.pem', `issuing-${label}.crl.pem`, 'root-1.crl.pem']
          : [`issuing-${label}.pem`];
      return { unlisted, ...written(`issuing-ca-${label}-revoked`, ...files) };
    },
    'authority.limit': ({ label, quota, endsAtMs }) => {
      cas = cas.map((one) => (one.label === label ? { ...one, quota, endsAtMs } : one));
      return view();
    },
    'authority.unlock': async ({ passphrase, lockAfterMinutes }) => {
      await new Promise<void>((resolve) => world.options.later(resolve, 700));
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      world.lock = { state: 'unlocked', locksAtMs: now() + lockAfterMinutes * 60_000 };
      return tellSession(world);
    },
    'authority.keychain': () => ({ kept, trouble: world.options.keychainTrouble }),
    'authority.keepPassphrase': ({ passphrase }) => {
      if (passphrase === 'wrong') throw new StationError('passphrase_wrong');
      kept = true;
      return { kept };
    },
    'authority.forgetPassphrase': () => {
      kept = false;
      return { kept };
    },
    'authority.unlockByKeychain': ({ lockAfterMinutes }) => {
      if (!kept) throw new StationError('keychain_refused', { reason: 'nothing-kept' });
      world.lock = { state: 'unlocked', locksAtMs: now() + lockAfterMinutes * 60_000 };
      return tellSession(world);
    },
    'authority.lock': () => {
      world.lock = { state: 'locked' };
      return tellSession(world);
    },
    'authority.export': ({ what, format }) => ({
      fileName: `keyline-${what}.${format === 'pem' ? 'pem' : 'cer'}`,
      mediaType: format === 'pem' ? 'application/x-pem-file' : 'application/pkix-cert',
      base64: btoa(root.pem),
    }),
    'authority.issueServer': ({ names, validityDays }) => issue(names, validityDays),
    'authority.renewServer': ({ credentialId }) => {
      const before = servers.findIndex((one) => one.credentialId === credentialId);
      const [server] = before < 0 ? [] : servers.splice(before, 1);
      if (server === undefined) throw new StationError('credential_unknown');
      return issue(server.names, 365);
    },
  };
}
