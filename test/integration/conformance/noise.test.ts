// What noise may and may not do: a question is asked once more, a reading that differs is told beside the one that matched,
// and what writes is given once, whatever became of its reply.

import { describe, expect, it } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { failure, leafAuthority, runCycle } from '../../support/familyBench.ts';
import { behindNoise, FOREIGN } from './behindNoise.ts';

const authority = leafAuthority();
const cycle = (session: DeviceSession) => runCycle(session, authority());

/** Another digit, in hex as in base64. */
const anotherDigit = (byte: number): number => (byte === 0x30 ? 0x31 : 0x30);

describe('a reading that differs', () => {
  const changedContent = { find: '-----BEGIN CERTIFICATE-----\nMII', change: anotherDigit };

  it('is read once again, and the evidence shows both where the second matched', async () => {
    const { run, transcript } = behindNoise('quectel', { ...changedContent, times: 1 });
    const { verifications } = await run(cycle);
    const [ca, certificate] = verifications;
    expect(ca?.firstReadSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(ca?.firstReadSha256).not.toBe(ca?.expectedSha256);
    expect(ca?.actualSha256).toBe(ca?.expectedSha256);
    expect(certificate).not.toHaveProperty('firstReadSha256');
    expect(transcript.asked).toEqual([{ question: 'reading back ca', reason: 'verification_mismatch' }]);
  });

  it('twice is a mismatch, and the error has both readings', async () => {
    const { run, transcript } = behindNoise('quectel', { ...changedContent, times: 2 });
    const { code, details } = await failure(run(cycle));
    expect(code).toBe('verification_mismatch');
    expect(details).toMatchObject({ item: 'ca', check: 'read-back' });
    expect(details.actualSha256).toBe(details.firstReadSha256);
    expect(details.actualSha256).not.toBe(details.expectedSha256);
    expect(transcript.asked).toHaveLength(1);
  });

  it.each([
    ['micropython', 'KL-sha256 '],
    ['nrf91 at_host', '%CMNG: 16842753,1,"'],
    ['zephyr-shell', '1,SERV,'],
  ])('as a digest of a %s device’s own is no noise: it is not asked for again', async (name, find) => {
    const { run, transcript } = behindNoise(name, { find, change: anotherDigit, times: 1 });
    expect((await failure(run(cycle))).code).toBe('verification_mismatch');
    expect(transcript.asked).toEqual([]);
  });
});

describe('a command that writes', () => {
  it('is not given again where its reply was garbled: the store is looked at', async () => {
    const noise = { find: 'Added TLS credential of type', change: FOREIGN, times: 1 };
    const { run, transcript, count } = behindNoise('zephyr-shell', noise);
    const { verifications } = await run(cycle);
    expect(verifications).toHaveLength(3);
    expect(count('cred add 1 PK ')).toBe(1);
    expect(transcript.asked).toEqual([
      { question: 'what came of cred add 1 PK DEFAULT bin', reason: 'device_answer_invalid' },
    ]);
  });

  it('makes one key, however its reply looked', async () => {
    const noise = { find: 'Generated device', change: FOREIGN, times: 1 };
    const { run, transcript, count } = behindNoise('nrf-cloud-cred', noise);
    await run(cycle);
    expect(count('nrf_cloud_cred keygen')).toBe(1);
    expect(transcript.asked.map(({ question }) => question)).toEqual([
      'what came of nrf_cloud_cred keygen 16842753',
    ]);
  });
});
