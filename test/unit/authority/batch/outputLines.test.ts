import { expect, it } from 'vitest';
import { BlockIssuer, batchValidity } from '../../../../core/authority/batch/blockIssuer.ts';
import { OutputLines } from '../../../../core/authority/batch/outputLines.ts';
import { toPem } from '../../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { deviceProfile, deviceSerials, systemRandom } from '../../../support/batchFixture.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';

const issuing = testIssuing(testRoot());
const profile = deviceProfile();
const plan = {
  profile,
  validity: batchValidity(profile, issuing.certificateDer, Date.now()),
  verifySignatures: false,
  recheckEvery: 100,
};
const devices = deviceSerials(5).map((deviceSerial) => ({
  deviceSerial,
  certificateSerial: newCertificateSerial(systemRandom),
  values: {},
}));
const { certificates } = new BlockIssuer(plan, issuing.signer).issue(devices);
/** Longer than a line is expected to be, with every remainder that base64 pads. */
const keys = certificates.map((_, index) => new Uint8Array(3000 + index).fill(0x41 + index));

function filled(): OutputLines {
  const lines = new OutputLines();
  lines.restart(1);
  for (const [index, certificate] of certificates.entries())
    lines.add(certificate, keys[index] ?? new Uint8Array());
  return lines;
}

it('writes JSON that holds what was given, in PEM, however long', () => {
  const lines = Buffer.from(filled().bytes()).toString().split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    certificates.map((one, index) => ({
      deviceSerial: one.deviceSerial,
      certificateSerial: one.certificateSerial,
      certificateSha256: one.certificateSha256,
      certificate: toPem('CERTIFICATE', one.certificateDer),
      privateKey: toPem('PRIVATE KEY', keys[index] ?? new Uint8Array()),
    })),
  );
});

it('leaves no key behind when it is wiped', () => {
  const lines = filled();
  lines.wipe();
  expect(lines.bytes().every((octet) => octet === 0)).toBe(true);
});

it('leaves no key behind when a block fails half way', () => {
  const block = new BlockIssuer(plan, issuing.signer).begin(2);
  const { output } = block.finish();
  const [first] = devices;
  if (first === undefined) throw new Error('unreachable');
  block.add(first);
  const written = new Uint8Array(output.buffer, output.byteOffset, 500);
  expect(Buffer.from(written).includes('BEGIN CERTIFICATE')).toBe(true);
  block.discard();
  expect(written.every((octet) => octet === 0)).toBe(true);
});
