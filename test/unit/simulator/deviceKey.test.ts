import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readCertificationRequest } from '../../../core/link/proof/certificationRequest.ts';
import { ask, type DeviceBench, openBench } from './deviceBench.ts';

const benches: DeviceBench[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const { pipe } of benches.splice(0)) pipe.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function open(statePath?: string): DeviceBench {
  const bench = openBench({ build: 'nrf-cloud-cred', hardwareId: 'aa' }, statePath);
  benches.push(bench);
  return bench;
}
const rows = (bench: DeviceBench, command: string): readonly string[] =>
  ask(bench, command)
    .split('\r\n')
    .filter((row) => row !== '');
const requestOf = (answer: readonly string[]) => {
  const text = answer.find((row) => row.startsWith('CSR: '))?.slice(5) ?? '';
  return readCertificationRequest(Uint8Array.from(Buffer.from(text, 'base64')));
};

describe('nrf_cloud_cred', () => {
  test('makes one key, signs with it and shows its public half', () => {
    const bench = open();
    expect(rows(bench, 'nrf_cloud_cred csr 42')).toEqual(['CSR generation failed: -5']);
    expect(rows(bench, 'nrf_cloud_cred keygen 42')).toEqual(['Generated device key in sec tag 42']);
    expect(rows(bench, 'nrf_cloud_cred keygen 42').at(-1)).toBe(
      "Key already exists in sec tag 42. Use 'delete' to remove it first.",
    );
    const answer = rows(bench, 'nrf_cloud_cred csr 42 CN=x');
    expect(answer.at(-1)).toBe('CSR generation complete');
    const request = requestOf(answer);
    const point = rows(bench, 'nrf_cloud_cred pubkey 42')[0]?.slice('PUBKEY: '.length) ?? '';
    expect(Buffer.from(point, 'base64')).toEqual(Buffer.from(request.publicKeySpki.subarray(-65)));
    expect(rows(bench, 'nrf_cloud_cred keygen 43').at(-1)).toBe('Key generation failed: -95');
    expect(rows(bench, 'nrf_cloud_cred delete 42')).toContain('Deleted device key in sec tag 42');
    expect(rows(bench, 'nrf_cloud_cred pubkey 42')).toEqual(['Public key export failed: -5']);
  });

  test('registers the key by its number: the list shows a digest that says nothing of it', () => {
    const bench = open();
    rows(bench, 'nrf_cloud_cred keygen 42');
    const digest = createHash('sha256')
      .update(Uint8Array.of(42, 0, 0, 0))
      .digest('base64');
    expect(rows(bench, 'cred list')).toEqual([`42,PK_PSA,${digest},0`, '1 credentials found.']);
  });

  test('takes the tag of nRF Cloud where none is named, and no word that is none', () => {
    const bench = open();
    expect(rows(bench, 'nrf_cloud_cred keygen')).toEqual(['Generated device key in sec tag 16842753']);
    expect(rows(bench, 'nrf_cloud_cred keygen -1')).toEqual(['Invalid sec tag: -1']);
    expect(rows(bench, 'nrf_cloud_cred csr 16842753 CN').at(-1)).toBe('CSR generation failed: -22');
  });

  test('keeps the key without power', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyline-vault-'));
    folders.push(folder);
    const path = join(folder, 'state.json');
    const first = open(path);
    rows(first, 'nrf_cloud_cred keygen 42');
    const before = rows(first, 'nrf_cloud_cred pubkey 42');
    first.pipe.close();
    const second = open(path);
    expect(rows(second, 'nrf_cloud_cred pubkey 42')).toEqual(before);
    expect(rows(second, 'cred list').at(-1)).toBe('1 credentials found.');
  });

  test('is not there in other builds', () => {
    const bench = openBench();
    benches.push(bench);
    expect(rows(bench, 'nrf_cloud_cred keygen 42')[0]).toBe('nrf_cloud_cred: command not found');
  });
});
