import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { install, newMaterial, openOverPty, serialLink, spawnDevice, zephyrTarget } from './linkBench.ts';

const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof StationError) return error.code;
    throw error;
  }
  return 'none';
};

const devices = [
  {},
  { build: 'polled' },
  { build: 'minimal' },
  { build: 'immediate', noiseIntervalMs: 50 },
  { build: 'big' },
  { build: 'no-digest' },
  { noiseIntervalMs: 20 },
  { lineRate: 'instant' },
  { lineRate: 9_600 },
] as const;

describe('over a real pseudo-terminal', () => {
  test.each(devices)('%j takes a credential', async (device) => {
    const bench = await openOverPty({ device });
    try {
      await bench.session.identify();
      const { plan, evidence } = await install(bench.session);
      await expect(bench.session.verify(plan)).resolves.toHaveLength(3);
      expect(evidence).toMatchObject({
        items: [
          { item: 'privateKey', resends: 0 },
          { item: 'certificate', resends: 0 },
          { item: 'ca', resends: 0 },
        ],
        ringOverflowWarnings: 0,
      });
    } finally {
      await bench.close();
    }
  });

  test('the line is used to its limit', async () => {
    const ratios: string[] = [];
    const bench = await openOverPty();
    try {
      await bench.session.identify();
      for (let round = 0; round < 3; round += 1) {
        const { evidence } = await install(bench.session, round > 0);
        const { durationMs, sentBytes, receivedBytes } = evidence as Record<string, number>;
        // 8N1: ten bits a byte. The echo of a line and its reply share one direction and cannot overlap.
        const lineMs = Math.max(sentBytes ?? 0, receivedBytes ?? 0) / 11.52;
        ratios.push(
          `${durationMs} ms for ${sentBytes} bytes out, ${receivedBytes} in: ${((durationMs ?? 0) / lineMs).toFixed(2)} × the line's own ${lineMs.toFixed(0)} ms`,
        );
      }
    } finally {
      await bench.close();
    }
    console.log(ratios.join('\n'));
    expect(ratios).toHaveLength(3);
  });

  test('a port opened twice is busy', async () => {
    const bench = await openOverPty();
    try {
      const request = {
        portPath: bench.simulator.path,
        target: zephyrTarget(),
        transcript: { write: () => {} },
        signal: new AbortController().signal,
      };
      expect(await code(serialLink.open(request))).toBe('port_busy');
    } finally {
      await bench.close();
    }
  });

  test('a pulled cable ends whatever is going on', async () => {
    const bench = await openOverPty({ device: { faults: { vanishAfterBytes: 1_200 } } });
    try {
      await bench.session.identify();
      expect(await code(install(bench.session))).toBe('device_gone');
    } finally {
      await bench.close();
    }
  });

  test('an abort ends it too, and the port is free again', async () => {
    const controller = new AbortController();
    const bench = await openOverPty({ signal: controller.signal });
    const plan = bench.session.plan(newMaterial());
    const pending = code(
      bench.session.install(plan, {
        replace: false,
        onProgress: () => controller.abort(new StationError('interrupted', {})),
      }),
    );
    try {
      expect(await pending).toBe('interrupted');
      await bench.session.close();
      const again = await serialLink.open({
        portPath: bench.simulator.path,
        target: zephyrTarget(),
        transcript: { write: () => {} },
        signal: new AbortController().signal,
      });
      expect((await again.identify()).hardwareId).toBe(bench.simulator.hardwareId);
      await again.close();
      // The key that was half sent is not in the buffer any more.
      const transport = await openSerialTransport({
        portPath: bench.simulator.path,
        line: zephyrTarget().line,
        signal: new AbortController().signal,
      });
      const heard: string[] = [];
      transport.onData((bytes) => heard.push(Buffer.from(bytes).toString('latin1')));
      await transport.write(Buffer.from('cred add 1 PK DEFAULT str\r'));
      await expect.poll(() => heard.join('')).toContain('Please provide a credential to add.');
      await transport.close();
    } finally {
      await bench.close();
    }
  });

  test('a device that restarts under another path is found again and is the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-bay-'));
    const linkPath = join(folder, 'bay-1');
    const simulator = await spawnDevice({ portAtReboot: 'changes', backend: 'protected' });
    const request = {
      portPath: linkPath,
      target: zephyrTarget(),
      transcript: { write: () => {} },
      signal: new AbortController().signal,
    };
    try {
      await symlink(simulator.path, linkPath);
      const before = await serialLink.open(request);
      const { hardwareId } = await before.identify();
      const { material } = await install(before);
      const firstPath = simulator.path;
      const plugged = new Promise<void>((resolve) => {
        simulator.onEvent(({ event }) => event === 'plugged' && resolve());
      });
      await simulator.reboot();
      await plugged;
      expect(await code(before.identify())).toBe('device_gone');
      await before.close();
      expect(simulator.path).not.toBe(firstPath);
      await unlink(linkPath);
      await symlink(simulator.path, linkPath);
      const after = await serialLink.open(request);
      expect((await after.identify()).hardwareId).toBe(hardwareId);
      const plan = after.plan({ ...newMaterial(), caDer: material.caDer, chainDer: material.chainDer });
      expect(await code(after.verify(plan))).toBe('verification_mismatch');
      await after.close();
    } finally {
      await simulator.stop();
      await rm(folder, { recursive: true });
    }
  });
});
