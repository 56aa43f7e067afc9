// Proves that this runtime's crypto can do all that the core asks of it: in a throw-away folder it makes an authority,
// opens its key files, issues every profile, shakes hands and provisions a simulated device. Electron's Node stands on
// BoringSSL, the command line's on OpenSSL; the same check runs on both.

import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from '../authority/authority.ts';
import { decryptKey, encryptKey, exportPkcs8 } from '../authority/encryptedKey.ts';
import { openIssuingCas } from '../authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { loadProfiles, profileNamed } from '../authority/profileStore.ts';
import { systemClock } from '../domain/clock.ts';
import { parseDeviceSerial } from '../domain/device.ts';
import { KEY_ALGORITHMS, type Profile } from '../domain/profile.ts';
import { Secret } from '../domain/secret.ts';
import { loadTargets } from '../link/targetStore.ts';
import { memoryTransport } from '../link/transport.ts';
import { openInProcess } from '../simulator/host/inProcess.ts';
import { provision } from '../station/provision/provision.ts';
import { rollOver } from './ceremonies.ts';
import { dataFolder } from './dataFolder.ts';
import { drivers } from './drivers.ts';
import { initStation } from './initStation.ts';
import { openStation } from './openStation.ts';
import {
  checkDigests,
  checkKeyFileForm,
  checkPkcs12,
  checkRevocationList,
  checkSignature,
  KEY_FILE_FORMS,
} from './selfCheckForms.ts';
import { systemRandom } from './systemRandom.ts';

export interface SelfCheckResult {
  readonly name: string;
  /** Undefined: it works. */
  readonly problem: string | undefined;
  readonly durationMs: number;
}

interface Folders {
  readonly profilesFolder: string;
  readonly targetsFolder: string;
}

const PASSPHRASE = 'only for the self-check';
const FEW_ROUNDS = 2_048;
const VALUES = {
  deviceSerial: 'CHECK-1',
  hardwareId: '00aa',
  site: 'Self-check',
  order: 'Self-check',
  serverName: 'localhost',
};

/** Ends between two checks when the signal comes, and throws its reason; the folder goes either way. */
export async function selfCheck(folders: Folders, signal?: AbortSignal): Promise<readonly SelfCheckResult[]> {
  const root = mkdtempSync(join(tmpdir(), 'keyline-self-check-'));
  const results: SelfCheckResult[] = [];
  const check = async (name: string, work: () => unknown): Promise<void> => {
    // A turn of the event loop: most checks keep the thread, and nobody could call them off.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const startedAtMs = performance.now();
    const problem = await Promise.resolve()
      .then(work)
      .then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
      );
    results.push({ name, problem, durationMs: Math.round(performance.now() - startedAtMs) });
  };
  try {
    await check('digests', checkDigests);
    for (const algorithm of KEY_ALGORITHMS) {
      await check(`key file ${algorithm}`, () => checkKeyFile(algorithm));
      await check(`signature ${algorithm}`, () => checkSignature(algorithm));
    }
    for (const form of KEY_FILE_FORMS) {
      await check(`key file ${form.cipher} ${form.prf}`, () => checkKeyFileForm(form));
    }
    await check('imported key file RSA-2048', () => checkRsaKeyFile());
    await check('ceremony', () => found(root));
    for (const profile of loadProfiles(folders.profilesFolder).values()) {
      await check(`profile ${profile.name}`, () => checkProfile(root, profile));
    }
    await check('PKCS#12', () => withAuthority(root, checkPkcs12));
    await check('revocation list', () =>
      withAuthority(root, (authority) => checkRevocationList(authority, systemClock.nowMs())),
    );
    await check('provision with handshake', () => checkProvision(root, folders));
    return results;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function checkKeyFile(algorithm: (typeof KEY_ALGORITHMS)[number]): void {
  const key = new StationKeyMaker().generate(algorithm);
  const passphrase = Secret.fromText(PASSPHRASE);
  try {
    const encrypted = encryptKey(key.privateKeyPkcs8, passphrase, systemRandom, FEW_ROUNDS);
    const opened = exportPkcs8(decryptKey(encrypted, passphrase, algorithm));
    const same = opened.use((left) =>
      key.privateKeyPkcs8.use((right) => Buffer.compare(Buffer.from(left), Buffer.from(right)) === 0),
    );
    if (!same) throw new Error('another key came out');
  } finally {
    passphrase.wipe();
    key.privateKeyPkcs8.wipe();
  }
}

/** An imported CA may have an RSA key, in the form that openssl writes. */
function checkRsaKeyFile(): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encrypted = privateKey.export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: PASSPHRASE,
  });
  decryptKey(new Uint8Array(encrypted), Secret.fromText(PASSPHRASE), 'RSA-2048');
}

function found(root: string): void {
  const passphrase = Secret.fromText(PASSPHRASE);
  try {
    initStation({
      folder: dataFolder(root),
      site: VALUES.site,
      name: 'self-check',
      operatorName: 'self-check',
      passphrase,
      clock: systemClock,
      random: systemRandom,
    });
  } finally {
    passphrase.wipe();
  }
}

/** Opens the throw-away authority that signs for a profile with its passphrase for as long as `work` lasts. */
function withAuthority(root: string, work: (authority: Authority) => void, profileName = ''): void {
  const authority = openIssuingCas({
    folder: dataFolder(root).authority,
    clock: systemClock,
    random: systemRandom,
  }).forProfile(profileName);
  const passphrase = Secret.fromText(PASSPHRASE);
  try {
    authority.unlock(passphrase);
    work(authority);
  } finally {
    passphrase.wipe();
    authority.lock();
  }
}

/** Device attestation certificates are signed by a PAI of their vendor only. */
function makeMatterPai(root: string, { name, subject }: Profile): void {
  const vendorId = subject.find(({ attribute }) => attribute === 'matterVendorId')?.value;
  if (vendorId === undefined) return;
  const passphrase = Secret.fromText(PASSPHRASE);
  const at = { folder: dataFolder(root), clock: systemClock, random: systemRandom };
  try {
    rollOver({ ...at, passphrase, operatorName: 'self-check' }, { matter: { vendorId }, profileName: name });
  } finally {
    passphrase.wipe();
  }
}

function checkProfile(root: string, profile: Profile): void {
  makeMatterPai(root, profile);
  withAuthority(root, (authority) => checkSigning(authority, profile), profile.name);
}

function checkSigning(authority: Authority, profile: Profile): void {
  const key = new StationKeyMaker().generate(profile.keyAlgorithm);
  key.privateKeyPkcs8.wipe();
  const prepared = authority.prepare(
    {
      profile,
      certificateSerial: authority.reserveCertificateSerial(),
      publicKeySpki: key.publicKeySpki,
      values: VALUES,
    },
    undefined,
  );
  const leaf = new X509Certificate(authority.issue(prepared).certificateDer);
  const issuing = new X509Certificate(authority.issuingDer);
  if (!leaf.verify(issuing.publicKey)) throw new Error('the signature does not hold');
}

async function checkProvision(root: string, { profilesFolder, targetsFolder }: Folders): Promise<void> {
  const device = openInProcess({ lineRate: 'instant' });
  const station = await openStation({
    folder: dataFolder(root),
    passphrase: Secret.fromText(PASSPHRASE),
    profilesFolder,
    operatorName: 'self-check',
    openTransport: async ({ portPath }) =>
      memoryTransport({ write: device.write, onData: device.onData, close: () => {} }, portPath),
  });
  try {
    const target = loadTargets(targetsFolder, drivers).targets.find(({ driver }) => driver === 'zephyr');
    if (target === undefined) throw new Error('no target for the simulated device');
    const run = await provision(station.ports, {
      deviceSerial: parseDeviceSerial(VALUES.deviceSerial),
      orderId: undefined,
      orderName: undefined,
      bayName: 'self-check',
      portPath: 'simulated',
      operatorName: 'self-check',
      site: VALUES.site,
      target,
      profile: profileNamed(loadProfiles(profilesFolder), 'tls-client'),
      replace: false,
      signal: new AbortController().signal,
      listener: () => {},
    });
    if (run.outcome !== 'pass')
      throw new Error(`${run.failedPhase}: ${run.failure?.code} ${JSON.stringify(run.failure?.details)}`);
  } finally {
    await station.close();
    device.close();
  }
}
