// The records: devices, their pages, transcripts, exports, revocation, and the audit log.

import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StationMethods } from '../contract/rpc/host.ts';
import { checksSchema } from '../contract/schemas/bays.ts';
import type {
  CredentialView,
  DevicePage,
  InventoryFilter,
  RunRecord,
} from '../contract/schemas/inventory.ts';
import { type Credential, isLive } from '../domain/credential.ts';
import { parseDeviceSerial } from '../domain/device.ts';
import type { CredentialId, OrderId } from '../domain/ids.ts';
import { askedAgainCount, type JsonObject, type Run } from '../domain/run.ts';
import { ERROR_SIDES, StationError } from '../domain/stationError.ts';
import { databaseError } from '../inventory/database/databaseError.ts';
import { csvRecord } from '../inventory/export/csv.ts';
import { EXPORT_COLUMNS, exportRow } from '../inventory/export/inventoryExport.ts';
import { certificateView, expiryOf } from './certificateView.ts';
import { exportsFolder, sha256OfFile, stampOf } from './exportsFolder.ts';
import type { House } from './house.ts';
import { createTranscripts } from './transcripts.ts';
import { houseOf, operatorOf, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `inventory.${string}` | `audit.${string}`>>;

const EXPORT_PAGE = 500;
const queryOf = ({ search, states, orderId, targetName, fromMs, toMs }: InventoryFilter) => ({
  ...{ search, states, targetName, fromMs, toMs },
  orderId: orderId as OrderId | undefined,
});

function credentialView(house: House, credential: Credential): CredentialView {
  const { certificateDer } = credential;
  return {
    credentialId: credential.credentialId,
    state: credential.state,
    custody: credential.custody,
    profileName: credential.profileName,
    profileVersion: credential.profileVersion,
    certificateSerial: credential.certificateSerial,
    reservedAtMs: credential.reservedAtMs,
    changedAtMs: credential.changedAtMs,
    reason: credential.reason?.slice(0, 400),
    chain:
      certificateDer === undefined
        ? []
        : [certificateDer, house.authority.issuerOf(certificateDer), house.authority.rootDer].map(
            certificateView,
          ),
  };
}

/** The verify phase's evidence as checks; what does not fit is left to the evidence itself. */
function checksOf(run: Run): RunRecord['checks'] {
  const evidence = run.phases.find(({ phase }) => phase === 'verify')?.evidence;
  if (evidence === undefined || run.outcome !== 'pass') return undefined;
  const pick = (value: unknown, ...names: string[]): object =>
    Object.fromEntries(names.map((name) => [name, Reflect.get(Object(value), name)]));
  const { items, handshake } = evidence;
  const parsed = checksSchema.safeParse({
    items: Array.isArray(items) ? items.map((item) => pick(item, 'item', 'check')) : [],
    handshake: handshake && pick(handshake, 'protocol', 'cipher', 'durationMs', 'peerCertificateSha256'),
  });
  return parsed.success ? parsed.data : undefined;
}

const runRecord = (house: House, run: Run): RunRecord => ({
  runId: run.runId,
  deviceSerial: run.deviceSerial,
  orderName: run.orderId === undefined ? undefined : house.inventory.orderName(run.orderId),
  bayName: run.bayName.slice(0, 24),
  portPath: run.portPath.slice(0, 200),
  operatorName: run.operatorName.slice(0, 60),
  profileName: run.profileName,
  profileVersion: run.profileVersion,
  credentialId: run.credentialId,
  startedAtMs: run.startedAtMs,
  closedAtMs: run.closedAtMs,
  outcome: run.outcome,
  failure: run.failure && { ...run.failure, side: ERROR_SIDES[run.failure.code] },
  checks: checksOf(run),
  askedAgain: askedAgainCount(run),
  phases: run.phases.map(({ phase, startedAtMs, endedAtMs, outcome, evidence }) => ({
    ...{ phase, startedAtMs, endedAtMs, outcome, evidence },
  })),
});

function devicePage(house: House, serialText: string): DevicePage {
  const deviceSerial = parseDeviceSerial(serialText);
  const record = house.inventory.deviceRecord(deviceSerial);
  if (record === undefined) throw new StationError('device_unknown', { deviceSerial });
  const { device, credentials, runs } = record;
  return {
    deviceSerial: device.deviceSerial,
    hardwareId: device.hardwareId,
    targetName: device.targetName,
    firmware: device.firmware?.slice(0, 200) || undefined,
    firstSeenAtMs: device.firstSeenAtMs,
    password: house.inventory.passwordHolder(device.deviceSerial),
    credentials: credentials.slice(0, 50).map((one) => credentialView(house, one)),
    runs: runs.slice(0, 100).map((run) => runRecord(house, run)),
  };
}

/** Every matching device, page by page, so that runs go on meanwhile; the file has its name only when it is whole. */
async function exportDevices(
  world: World,
  house: House,
  filter: InventoryFilter,
  format: 'csv' | 'json',
  signal: AbortSignal,
): Promise<{ path: string; sizeBytes: number; sha256: string; rows: number }> {
  const folder = exportsFolder(house);
  const stamp = stampOf(world.clock.nowMs());
  const path = join(folder, `inventory-${stamp}.${format === 'csv' ? 'csv' : 'jsonl'}`);
  const partial = `${path}.part`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(partial, 'w', 0o600);
    let rows = 0;
    try {
      if (format === 'csv') await file.write(csvRecord(EXPORT_COLUMNS));
      for (let offset = 0; ; offset += EXPORT_PAGE) {
        if (signal.aborted) throw new StationError('interrupted');
        const page = house.inventory.devicePage({
          ...queryOf(filter),
          ...{ sort: 'deviceSerial', descending: false, offset, limit: EXPORT_PAGE },
        });
        const flat = page.rows.map(exportRow);
        const text = flat.map((row) =>
          format === 'csv'
            ? csvRecord(EXPORT_COLUMNS.map((column) => row[column]))
            : `${JSON.stringify(row)}\n`,
        );
        await file.write(text.join(''));
        rows += flat.length;
        if (flat.length < EXPORT_PAGE) break;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    const sha256 = await sha256OfFile(path);
    const { size } = await stat(path);
    return { path, sizeBytes: size, sha256, rows };
  } catch (thrown) {
    await rm(partial, { force: true });
    throw databaseError(thrown, path);
  }
}

export function createRecordDesk(world: World): Part {
  const { clock } = world;
  return {
    'inventory.query': ({ filter, sort, descending, offset, limit }) => {
      const { total, rows } = houseOf(world).inventory.devicePage({
        ...queryOf(filter),
        ...{ sort, descending, offset, limit },
      });
      return {
        total,
        rows: rows.map(({ device, orderName, credential, changedAtMs, runs }) => ({
          deviceSerial: device.deviceSerial,
          hardwareId: device.hardwareId,
          targetName: device.targetName,
          orderName,
          state: credential?.state,
          certificateSerial: credential?.certificateSerial,
          notAfterMs: expiryOf(credential?.notAfterMs),
          changedAtMs,
          runs,
        })),
      };
    },
    'inventory.device': ({ deviceSerial }) => devicePage(houseOf(world), deviceSerial),
    ...createTranscripts(world),
    'inventory.export': async ({ filter, format }, { signal }) => {
      const house = houseOf(world);
      const actor = operatorOf(world);
      const written = await exportDevices(world, house, filter, format, signal);
      house.inventory.append({
        act: 'inventory-exported',
        actor,
        atMs: clock.nowMs(),
        details: { rows: written.rows, format, sha256: written.sha256 },
      });
      return written;
    },
    'inventory.revoke': ({ credentialId, reason, note }) => {
      const { inventory } = houseOf(world);
      const credential = inventory.credential(credentialId as CredentialId);
      if (credential === undefined) throw new StationError('credential_unknown', { credentialId });
      if (!isLive(credential.state)) throw new StationError('credential_not_live', { credentialId });
      const run = credential.runId === undefined ? undefined : inventory.run(credential.runId);
      if (run !== undefined && run.closedAtMs === undefined)
        throw new StationError('device_busy', { deviceSerial: run.deviceSerial });
      inventory.revoke(credential.credentialId, reason, `by ${operatorOf(world)}: ${note}`, clock.nowMs());
      world.emit({ event: 'inventory.changed', payload: {} });
      return {};
    },
    'audit.page': (query) => {
      const page = houseOf(world).inventory.auditPage(query);
      return {
        ...page,
        entries: page.entries.map(({ sequence, atMs, act, actor, details, hash }) => ({
          ...{ sequence, atMs, act, actor: actor || 'station', sha256: hash },
          details: JSON.parse(details) as JsonObject,
        })),
        actors: page.actors.filter((actor) => actor !== ''),
      };
    },
    'audit.verify': () => {
      const verdict = houseOf(world).inventory.verifyAudit();
      const checkedAtMs = clock.nowMs();
      if (verdict.intact) {
        world.conditions.clear('audit-broken');
        return { intact: true, entries: verdict.entries, headSha256: verdict.head.hash, checkedAtMs };
      }
      const { firstBrokenSequence } = verdict;
      world.conditions.set('audit-broken', { sequence: firstBrokenSequence });
      return { intact: false, entries: firstBrokenSequence - 1, firstBrokenSequence, checkedAtMs };
    },
  };
}
