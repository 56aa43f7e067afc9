import { describe, expect, it } from 'vitest';
import { BlockIssuer, batchValidity } from '../../../../core/authority/batch/blockIssuer.ts';
import { packBlock, unpackBlock } from '../../../../core/authority/batch/workerMessages.ts';
import { newCertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { deviceProfile, deviceSerials, systemRandom } from '../../../support/batchFixture.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';

describe('a block between threads', () => {
  it('arrives as it was made, in buffers of its own, and leaves no keys behind', () => {
    const issuing = testIssuing(testRoot());
    const profile = deviceProfile();
    const validity = batchValidity(profile, issuing.certificateDer, Date.now());
    const block = new BlockIssuer(
      { profile, validity, verifySignatures: true, recheckEvery: 10 },
      issuing.signer,
    ).issue(
      deviceSerials(7).map((deviceSerial) => ({
        deviceSerial,
        certificateSerial: newCertificateSerial(systemRandom),
        values: {},
      })),
    );
    const output = Buffer.from(block.output);
    const expected = block.certificates.map((one) => ({
      ...one,
      certificateDer: Buffer.from(one.certificateDer),
    }));
    const packed = structuredClone(packBlock(block));
    expect(block.output.every((octet) => octet === 0)).toBe(true);
    const total = expected.reduce((sum, one) => sum + one.certificateDer.length, 0);
    expect(packed.certificatesDer.buffer.byteLength).toBe(total);
    expect(packed.output.buffer.byteLength).toBe(output.length);
    const arrived = unpackBlock(packed);
    expect(Buffer.from(arrived.output).equals(output)).toBe(true);
    expect(
      arrived.certificates.map((one) => ({
        ...one,
        certificateDer: Buffer.from(one.certificateDer),
      })),
    ).toEqual(expected);
  });
});
