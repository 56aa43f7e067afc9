import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openAuthority } from '../../../../core/authority/authority.ts';
import { createAuthority } from '../../../../core/authority/ceremony.ts';
import { AUTHORITY_FILES } from '../../../../core/authority/chain.ts';
import { importCa } from '../../../../core/authority/import/caImport.ts';
import {
  installImported,
  installIssuing,
  REQUEST_FILE,
  requestIssuing,
  signRequestWithRoot,
} from '../../../../core/authority/import/offlineCeremony.ts';
import { StationKeyMaker } from '../../../../core/authority/keys.ts';
import { systemClock } from '../../../../core/domain/clock.ts';
import { Secret } from '../../../../core/domain/secret.ts';
import { deviceProfile, systemRandom } from '../../../support/batchFixture.ts';
import { temporaryFolder } from '../../../support/openssl.ts';

const files = temporaryFolder();
afterAll(files.remove);
const at = (name: string) => ({
  folder: path.join(files.folder, name),
  clock: systemClock,
  random: systemRandom,
});
const rootSide = at('root-machine');
const station = at('station');
const rootPassphrase = () => Secret.fromText('the root is kept in a safe');
const stationPassphrase = () => Secret.fromText('the station has its own words');
const names = { site: 'Plant 1', commonName: 'Plant 1 Issuing CA 2' };

createAuthority({ ...rootSide, passphrase: rootPassphrase(), site: 'Plant 1', pbkdf2Rounds: 1000 });
// The machine with the root keeps the root only.
for (const name of [AUTHORITY_FILES.issuing, AUTHORITY_FILES.issuingKey])
  rmSync(path.join(rootSide.folder, name));

const issueOne = (folder: ReturnType<typeof at>, passphrase: Secret): X509Certificate => {
  const authority = openAuthority(folder);
  authority.unlock(passphrase);
  const prepared = authority.prepare(
    {
      profile: deviceProfile(),
      certificateSerial: authority.reserveCertificateSerial(),
      publicKeySpki: new StationKeyMaker().generate('P-256').publicKeySpki,
      values: { deviceSerial: 'SN-1' },
    },
    undefined,
  );
  return new X509Certificate(authority.issue(prepared).certificateDer);
};

describe('the offline ceremony over two folders', () => {
  it('ends with a station that issues below a root it never had the key of', () => {
    const request = requestIssuing(station, stationPassphrase(), names);
    expect(existsSync(path.join(station.folder, AUTHORITY_FILES.issuing))).toBe(false);
    const chain = signRequestWithRoot(rootSide, rootPassphrase(), Buffer.from(request));
    installIssuing(station, stationPassphrase(), Buffer.from(chain));
    const certificate = issueOne(station, stationPassphrase());
    expect(certificate.issuer).toContain('CN=Plant 1 Issuing CA 2');
    expect(existsSync(path.join(station.folder, AUTHORITY_FILES.rootKey))).toBe(false);
    expect(existsSync(path.join(station.folder, REQUEST_FILE))).toBe(false);
    expect(readFileSync(path.join(station.folder, AUTHORITY_FILES.issuingKey), 'utf8')).toContain(
      'ENCRYPTED',
    );
  });

  it('does not begin twice, and wants the right words on either side', () => {
    expect(() => requestIssuing(station, stationPassphrase(), names)).toThrow('authority_exists');
    const other = at('other');
    const request = Buffer.from(requestIssuing(other, stationPassphrase(), names));
    expect(() => signRequestWithRoot(rootSide, stationPassphrase(), request)).toThrow('passphrase_wrong');
    const chain = Buffer.from(signRequestWithRoot(rootSide, rootPassphrase(), request));
    expect(() => installIssuing(other, rootPassphrase(), chain)).toThrow('passphrase_wrong');
    // The certificate of one station's request is no use to another.
    expect(() => installIssuing(station, stationPassphrase(), chain)).toThrow(
      'no-certificate-for-the-request',
    );
    expect(() => installIssuing(at('nowhere'), stationPassphrase(), chain)).toThrow('request_missing');
    installIssuing(other, stationPassphrase(), chain);
  });

  it('takes an existing CA in, its key under new words', () => {
    const exported = [AUTHORITY_FILES.issuing, AUTHORITY_FILES.root, AUTHORITY_FILES.issuingKey].map((name) =>
      readFileSync(path.join(station.folder, name)),
    );
    const imported = importCa({ files: exported, passphrase: stationPassphrase(), nowMs: Date.now() });
    const fresh = at('imported');
    installImported(fresh, Secret.fromText('quite different words here'), imported);
    expect(issueOne(fresh, Secret.fromText('quite different words here')).issuer).toContain('Issuing CA 2');
    expect(() => installImported(fresh, stationPassphrase(), imported)).toThrow('authority_exists');
  });
});
