// What --json promises of a technician's day: runs as they happen, orders, devices, the audit log, transcripts, targets, backups.

import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { EXIT } from '../../../cli/exitCodes.ts';
import { profilePageSchema } from '../../../core/contract/schemas/authority.ts';
import { PHASES } from '../../../core/domain/run.ts';
import { VERIFICATION_CHECKS } from '../../../core/domain/verification.ts';
import { type CliResult, cli } from '../../support/cliProcess.ts';
import { provisionWithCli, type StoredDevice, stationOfTests } from '../../support/cliStation.ts';
import { count, expectPromised, type Promised, text } from '../../support/jsonPromise.ts';

const DEVICE_SERIAL = 'J-1';
const event = text;
const atMs = count;
const sha256 = z.hash('sha256');
const hex = z.hex().min(1);
const custody = z.enum(['on-device', 'station-memory', 'file']);
const outcome = z.enum(['pass', 'fail', 'error', 'timeout', 'aborted']);
const check = z.enum(VERIFICATION_CHECKS);
const evidence = z.record(z.string(), z.unknown());

const ofRun = { event, runId: text, bayName: text, deviceSerial: text };
const verification = z.array(
  z.strictObject({
    item: z.enum(['ca', 'certificate', 'privateKey']),
    check,
    expectedSha256: sha256,
    actualSha256: sha256.optional(),
  }),
);
const handshake = z.strictObject({
  protocol: z.enum(['TLSv1.2', 'TLSv1.3']),
  cipher: text,
  peerSubject: text,
  peerCertificateSha256: sha256,
  bytesFromDevice: z.int().positive(),
  bytesToDevice: z.int().positive(),
  durationMs: count,
});

const runEvents: Promised = {
  'phase-begun': z.strictObject({ ...ofRun, phase: z.enum(PHASES) }),
  'phase-ended': z.strictObject({ ...ofRun, phase: z.enum(PHASES), outcome }),
  'install-progress': z.strictObject({ ...ofRun, sentBytes: count, totalBytes: z.int().positive() }),
  closed: z.strictObject({
    ...ofRun,
    ...{ portPath: text, hardwareId: text, certificateSerial: hex, custody, outcome },
    ...{ verification, handshake, durationMs: count, askedAgainCount: count },
  }),
};

const order = {
  ...{ event, orderId: text, name: text, targetName: text, profileName: text },
  ...{ quantity: z.int().positive(), createdAtMs: atMs },
};
const counted = { passed: count, remaining: count, runs: count };
const orders: Promised = {
  'order-created': z.strictObject({ ...order, deviceSerials: z.array(text) }),
};
const orderRow: Promised = { order: z.strictObject({ ...order, ...counted, deviceSerials: count }) };
const orderPage: Promised = {
  order: z.strictObject({
    ...order,
    ...counted,
    deviceSerials: z.array(text),
    remainingSerials: z.array(text),
  }),
};

const device = {
  deviceSerial: text,
  hardwareId: text,
  targetName: text,
  firmware: text,
  firstSeenAtMs: atMs,
};
const credential = {
  credentialId: text,
  state: z.enum(['verified', 'sealed', 'revoked']),
  certificateSerial: hex,
  certificateSha256: sha256,
  custody,
  profileName: text,
  profileVersion: z.int().positive(),
  notBeforeMs: atMs,
  notAfterMs: atMs,
};
const deviceRow: Promised = {
  device: z.strictObject({
    event,
    device: z.strictObject(device),
    credential: z.strictObject(credential),
    lastRun: z.strictObject({ runId: text, startedAtMs: atMs, outcome }),
  }),
};
const phase = z.strictObject({
  phase: z.enum(PHASES),
  startedAtMs: atMs,
  endedAtMs: atMs,
  outcome,
  evidence: evidence.optional(),
});
const devicePage: Promised = {
  device: z.strictObject({
    event,
    ...device,
    credentials: z.array(
      z.strictObject({
        ...credential,
        holder: z.strictObject({ kind: z.literal('device'), deviceSerial: text }),
        ...{ runId: text, publicKeySha256: sha256, reservedAtMs: atMs, changedAtMs: atMs },
        storedDigests: z.strictObject({ ca: sha256, certificate: sha256, privateKey: sha256 }),
        certificate: z.base64(),
      }),
    ),
    runs: z.array(
      z.looseObject({
        ...{ runId: text, deviceSerial: text, bayName: text, portPath: text, operatorName: text, outcome },
        ...{ startedAtMs: atMs, closedAtMs: atMs, phases: z.array(phase).min(PHASES.length - 2) },
      }),
    ),
  }),
};

const records: Promised = {
  audit: z.strictObject({
    event,
    intact: z.literal(true),
    entries: z.int().positive(),
    head: z.strictObject({ entries: z.int().positive(), hash: sha256 }),
  }),
  transcript: z.strictObject({ event, runId: text, deviceSerial: text, transcript: text }),
  'transcript-line': z.strictObject({ event, runId: text, lineNumber: z.int().positive(), text }),
  target: z.strictObject({
    ...{ event, name: text, title: text, driver: text, own: z.boolean() },
    ...{ custody: z.array(custody).min(1), certificates: check, key: check, holdsPassword: z.boolean() },
  }),
  'target-checked': z.strictObject({ event, file: text, name: text, driver: text }),
  'issuing-ca': z.strictObject({
    ...{ event, label: text, subject: text, issuer: text, certificateSerial: hex, sha256 },
    ...{ notBeforeMs: atMs, notAfterMs: atMs, altNames: z.array(text), sizeBytes: z.int().positive() },
    ...{ active: z.boolean(), revoked: z.boolean(), profiles: z.array(text), used: count },
    ...{ custody: z.enum(['file', 'token']), crl: text },
  }),
  profile: profilePageSchema.extend({ event }),
  'backup-created': z.strictObject({
    ...{ event, stationId: text, name: text, site: text, madeAtMs: atMs, devices: count },
    ...{ softwareVersion: text, backupId: text, path: text, sizeBytes: z.int().positive() },
  }),
  upgraded: z.strictObject({ event, path: text, upgraded: z.boolean() }),
  revoked: z.strictObject({ event, deviceSerial: text, certificateSerial: hex, reason: text }),
};

const { world, station } = stationOfTests();
let board: StoredDevice;
let provisioned: CliResult;
beforeAll(async () => {
  board = await world.device(station);
  provisioned = await provisionWithCli(station, board.path, DEVICE_SERIAL);
});

const run = (...args: readonly string[]): Promise<CliResult> => cli(args, { data: station.data });

test('a run as it happens: every phase begins before it ends, and one line closes it', () => {
  expect(provisioned.code, provisioned.stdout).toBe(EXIT.ok);
  expectPromised(provisioned, runEvents, Object.keys(runEvents));
  const lines = provisioned.lines();
  const of = (name: string) => lines.filter((line) => line.event === name).map((line) => line.phase);
  expect(of('phase-ended')).toEqual(of('phase-begun'));
  expect(lines.filter((line) => line.event === 'closed')).toHaveLength(1);
  expect(lines.at(-1)?.event).toBe('closed');
  const sent = lines
    .filter((line) => line.event === 'install-progress')
    .map((line) => Number(line.sentBytes));
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent.at(-1)).toBe(lines.find((line) => line.event === 'install-progress')?.totalBytes);
});

test('orders: made, listed, shown', async () => {
  expectPromised(await run('order', 'create', 'WO-R', '--quantity', '2'), orders, ['order-created']);
  expectPromised(await run('order', 'list'), orderRow, ['order']);
  expectPromised(await run('order', 'show', 'WO-R'), orderPage, ['order']);
});

test('devices: listed, shown, with the certificate that the run named', async () => {
  expectPromised(await run('inventory', 'list'), deviceRow, ['device']);
  const shown = await run('inventory', 'show', DEVICE_SERIAL);
  expectPromised(shown, devicePage, ['device']);
  const named = provisioned.line('closed')?.certificateSerial;
  expect(shown.line('device')).toMatchObject({ credentials: [{ certificateSerial: named }] });
});

test('the audit log, the authority, an inventory of today’s form', async () => {
  expectPromised(await run('audit', 'verify'), records, ['audit']);
  expectPromised(await run('authority', 'show'), records, ['issuing-ca']);
  const upgraded = await run('inventory', 'upgrade');
  expectPromised(upgraded, records, ['upgraded']);
  expect(upgraded.line('upgraded')).toMatchObject({ upgraded: false });
});

test('transcripts: shown whole, searched by line', async () => {
  const shown = await run('transcript', 'show', DEVICE_SERIAL);
  expectPromised(shown, records, ['transcript']);
  const searched = await run('transcript', 'search', 'cred list');
  expectPromised(searched, records, ['transcript-line']);
  const rows = String(shown.line('transcript')?.transcript).split('\n');
  for (const { lineNumber, text: found } of searched.lines()) {
    expect(found).toContain('cred list');
    expect(rows[Number(lineNumber) - 1]).toBe(found);
  }
});

test('targets: every shipped one with its custody and strength', async () => {
  const listed = await run('target', 'list');
  expectPromised(listed, records, ['target']);
  expect(listed.lines().length).toBeGreaterThanOrEqual(15);
  const file = join(import.meta.dirname, '../../../resources/targets/nrf91.json');
  expectPromised(await run('target', 'check', file), records, ['target-checked']);
});

test('profiles: each with what it costs a device, and the large one says so', async () => {
  const listed = await run('profile', 'list');
  expectPromised(listed, records, ['profile']);
  const large = listed.lines().find(({ name }) => name === 'tls-client-rsa');
  expect(large?.sizes).toMatchObject({ certificateBytes: expect.any(Number) });
  const shown = await cli(['profile', 'list'], { data: station.data, json: false });
  expect(shown.stdout).toMatch(/^tls-client-rsa .* over 600 bytes/m);
  expect(shown.stdout).toMatch(/^tls-client .*\d *$/m);
});

test('a backup, then a revocation', async () => {
  const out = join(station.beside, 'station.tar');
  expectPromised(await run('backup', 'create', '--out', out), records, ['backup-created']);
  const revoked = await run('revoke', DEVICE_SERIAL, '--reason', 'superseded', '--yes');
  expectPromised(revoked, records, ['revoked']);
  const after = await run('inventory', 'show', DEVICE_SERIAL);
  expect(after.line('device')).toMatchObject({ credentials: [{ state: 'revoked' }] });
});
