// No private key in any transcript, whatever the device repeats of it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { pem } from '../../../core/der/pemBytes.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { scriptedTransport } from '../../../core/link/scriptedTransport.ts';
import { LineSession } from '../../../core/link/session/lineSession.ts';
import { memoryTransport } from '../../../core/link/transport.ts';
import { openInProcess } from '../../../core/simulator/host/inProcess.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';
import { newMaterial, openInMemory, zephyrTarget } from './linkBench.ts';

/** Every piece of eight characters, of the key's base64 as DER, as PEM, and as PEM within base64. */
function expectNothingOf(keyDer: Uint8Array, transcript: readonly string[]): void {
  const written = transcript.map((entry) => entry.replace(/^[a-z-]+: /, '')).join('');
  const pemBytes = Buffer.from(pem('PRIVATE KEY', keyDer));
  const texts = [Buffer.from(keyDer).toString('base64'), pemBytes.toString('base64')];
  // The first characters of a PKCS#8 key or of a PEM are the same for every key and tell nothing.
  for (const text of texts) {
    for (let start = 40; start + 8 <= text.length; start += 1) {
      expect(written.includes(text.slice(start, start + 8)), `${start}`).toBe(false);
    }
  }
}

async function installOn(device: DeviceOptionsInput, options: Record<string, unknown>, keyDer: Uint8Array) {
  const { session, transcript, close } = await openInMemory({ device, target: zephyrTarget(options, 500) });
  try {
    const plan = session.plan({ ...newMaterial(), privateKeyPkcs8: new Secret(Uint8Array.from(keyDer)) });
    const evidence = await session.install(plan, { replace: false, onProgress: () => {} });
    const verifications = await session.verify(plan);
    return { transcript, evidence, verifications, plan };
  } finally {
    await close();
  }
}

const devices: readonly DeviceOptionsInput[] = [
  {},
  { build: 'immediate', noiseIntervalMs: 20, lineRate: 115_200 },
  { build: 'no-digest' },
  { build: 'no-digest', noiseIntervalMs: 20, lineRate: 115_200 },
  { build: 'minimal', echo: false },
  { faults: { dropByteAt: 400 } },
  { faults: { dropByteAt: 440 }, build: 'immediate', noiseIntervalMs: 20 },
];

describe('the private key', () => {
  test.each(
    devices.flatMap((device) => [
      { device, format: 'der' },
      { device, format: 'pem' },
    ]),
  )('is nowhere in the transcript, nor in evidence: $device $format', async ({ device, format }) => {
    // Random bytes, so that no window occurs by structure; the first ones as in any PKCS#8 key.
    const keyDer = randomBytes(138);
    const { transcript, evidence, verifications, plan } = await installOn(device, { format }, keyDer);
    expectNothingOf(keyDer, [...transcript, JSON.stringify([evidence, verifications, plan])]);
    expect(transcript.filter((entry) => /^note: \[secret, \d+ bytes\]$/.test(entry)).length).toBeGreaterThan(
      0,
    );
    expect(transcript.some((entry) => /^from-device: Stored \d+ bytes\.$/.test(entry))).toBe(true);
  });

  test('is nowhere in the transcript of an attempt that fails half way', async () => {
    for (const faults of [{ vanishAfterBytes: 420 }, { rebootAfterBytes: 420 }]) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const keyDer = privateKey.export({ format: 'der', type: 'pkcs8' });
      const { session, transcript, close } = await openInMemory({
        device: { faults },
        target: zephyrTarget({}, 300),
      });
      await session.identify();
      const plan = session.plan({ ...newMaterial(), privateKeyPkcs8: new Secret(Uint8Array.from(keyDer)) });
      const failure: unknown = await session
        .install(plan, { replace: false, onProgress: () => {} })
        .catch((error: unknown) => error);
      await close();
      expectNothingOf(keyDer, [...transcript, JSON.stringify(failure), String(failure)]);
    }
  });

  test('is pushed out of the shell’s history by the certificates after it', async () => {
    const device = openInProcess({ lineRate: 'instant' });
    const keyDer = randomBytes(138);
    const entries: string[] = [];
    const { createLink } = await import('../../../core/link/driverRegistry.ts');
    const { zephyrDriver } = await import('../../../core/link/zephyr/zephyrDriver.ts');
    const transport = memoryTransport(device);
    const link = createLink({
      drivers: [zephyrDriver],
      openTransport: async () => ({ ...transport, close: async () => {} }),
    });
    const session = await link.open({
      portPath: 'memory',
      target: zephyrTarget(),
      transcript: { write: (_, text) => void entries.push(text) },
      signal: new AbortController().signal,
    });
    const plan = session.plan({ ...newMaterial(), privateKeyPkcs8: new Secret(Uint8Array.from(keyDer)) });
    await session.install(plan, { replace: false, onProgress: () => {} });
    await session.close();
    // Asked past the session, so that nothing masks the answer.
    const heard: string[] = [];
    const stop = transport.onData((bytes) => heard.push(Buffer.from(bytes).toString('latin1')));
    await transport.write(Buffer.from('history\r'));
    await expect.poll(() => heard.join('')).toMatch(/\[ {2}0\] history[\s\S]*uart/);
    stop();
    await transport.close();
    const history = heard.join('');
    expect(history).toContain('cred buf');
    expectNothingOf(keyDer, [history]);
  });

  test('is masked even where a device repeats it long afterwards', async () => {
    const entries: string[] = [];
    const transport = scriptedTransport();
    const line = new LineSession({
      transport,
      transcript: { write: (_, text) => void entries.push(text) },
      clock: { nowMs: () => performance.now() },
      signal: new AbortController().signal,
      answerMs: 100,
      baudRate: 115_200,
    });
    const keyDer = randomBytes(138);
    const text = keyDer.toString('base64');
    line.transcript.remember(text);
    transport.say(`[  2] cred buf ${text}\r\n\x1b[8D\x1b[J${text.slice(0, 72)}\r\n${text.slice(72)}\r\n`);
    expectNothingOf(keyDer, entries);
    expect(line.quote(`unexpected ${text}`)).not.toContain(text.slice(0, 8));
    expect(entries).toHaveLength(3);
  });
});
