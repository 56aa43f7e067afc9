// The edge server's own credential: when it is good, when it is renewed, and a power cut anywhere in a renewal.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { edgeCredentialIsCurrent, issueEdgeCredential } from '../../../core/station/edgeCredential.ts';
import type { EdgeCredentialStore } from '../../../core/station/ports/edgeCredential.ts';
import { recover } from '../../../core/station/recovery.ts';
import { createBench, type StationBench, serverProfile } from '../../support/fakePorts.ts';

const DAY_MS = 86_400_000;
const NAMES = { serverName: 'localhost', site: 'Test site' };
let nowMs: number;
let bench: StationBench;
beforeEach(() => {
  nowMs = Date.now();
  bench = createBench({ clock: { nowMs: () => nowMs } });
});
afterEach(() => bench.close());

/** Files in memory; `failAt` is the write at which the power fails. */
function store(): EdgeCredentialStore & { certificate?: Uint8Array; key?: Uint8Array } {
  return {
    certificateDer() {
      return this.certificate;
    },
    writeKey(secret) {
      this.key = secret.use((bytes) => Uint8Array.from(bytes));
    },
    writeCertificate(der) {
      this.certificate = der;
    },
  };
}

const current = (files: EdgeCredentialStore) => edgeCredentialIsCurrent(bench.ports, files, 'localhost');

describe('the edge server’s credential', () => {
  test('is made once, is current, and belongs to its key', () => {
    const files = store();
    expect(current(files)).toBe(false);
    issueEdgeCredential(bench.ports, files, serverProfile, NAMES);
    expect(current(files)).toBe(true);
    const key = createPrivateKey({ key: Buffer.from(files.key ?? []), format: 'der', type: 'pkcs8' });
    expect(new X509Certificate(files.certificate ?? new Uint8Array()).checkPrivateKey(key)).toBe(true);
    expect(bench.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  test('is renewed thirty days before it ends, revoking the one before', () => {
    const files = store();
    issueEdgeCredential(bench.ports, files, serverProfile, NAMES);
    const first = bench.ports.inventory.liveEdgeCredential('localhost');
    nowMs = (first?.notAfterMs ?? 0) - 31 * DAY_MS;
    expect(current(files)).toBe(true);
    nowMs += 2 * DAY_MS;
    expect(current(files)).toBe(false);
    issueEdgeCredential(bench.ports, files, serverProfile, NAMES);
    expect(current(files)).toBe(true);
    expect(bench.ports.inventory.credential(first?.credentialId as never)).toMatchObject({
      state: 'revoked',
    });
    expect(bench.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  test('is not current when another certificate stands in its file, or none', () => {
    const files = store();
    issueEdgeCredential(bench.ports, files, serverProfile, NAMES);
    const { certificate } = files;
    files.certificate = bench.ports.authority.rootDer;
    expect(current(files)).toBe(false);
    delete files.certificate;
    expect(current(files)).toBe(false);
    files.certificate = certificate as Uint8Array;
    expect(edgeCredentialIsCurrent(bench.ports, files, 'elsewhere')).toBe(false);
  });

  test('a power cut at any step of a renewal ends, after recovery, in a whole credential', () => {
    const steps = [
      'reserve',
      'recordKey',
      'recordPrepared',
      'recordIssued',
      'recordInstallIntent',
      'recordInstalled',
      'recordVerified',
      'writeKey',
      'writeCertificate',
    ] as const;
    for (const step of steps) {
      for (const when of ['before', 'after'] as const) {
        bench.close();
        nowMs = Date.now();
        bench = createBench({ clock: { nowMs: () => nowMs } });
        const files = store();
        issueEdgeCredential(bench.ports, files, serverProfile, NAMES);
        nowMs = (bench.ports.inventory.liveEdgeCredential('localhost')?.notAfterMs ?? 0) - 29 * DAY_MS;
        const cut = (target: object) =>
          new Proxy(target, {
            get(object, name, receiver) {
              const value: unknown = Reflect.get(object, name, receiver);
              if (name !== step || typeof value !== 'function') return value;
              return (...facts: unknown[]) => {
                if (when === 'after') (value as (...all: unknown[]) => unknown).apply(object, facts);
                throw new Error('power cut');
              };
            },
          });
        const ports = {
          ...bench.ports,
          inventory: cut(bench.ports.inventory) as typeof bench.ports.inventory,
        };
        expect(() =>
          issueEdgeCredential(ports, cut(files) as EdgeCredentialStore, serverProfile, NAMES),
        ).toThrow('power cut');
        recover(bench.ports);
        expect(bench.ports.inventory.checkInvariants({ settled: true }), `${when} ${step}`).toEqual([]);
        if (!current(files)) issueEdgeCredential(bench.ports, files, serverProfile, NAMES);
        const key = createPrivateKey({ key: Buffer.from(files.key ?? []), format: 'der', type: 'pkcs8' });
        const certificate = new X509Certificate(files.certificate ?? new Uint8Array());
        expect(`${when} ${step}: ${certificate.checkPrivateKey(key)}`).toBe(`${when} ${step}: true`);
      }
    }
  });
});
