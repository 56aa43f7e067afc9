// A station's inventory in a folder of its own, and short ways to bring runs and credentials to a state. Everything
// goes through the public interface; certificates are a header and the prepared content, as in DER, without meaning.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CertificateSerial } from '../../../core/domain/certificateSerial.ts';
import type { CredentialState, Holder } from '../../../core/domain/credential.ts';
import { type DeviceSerial, type HardwareId, parseDeviceSerial } from '../../../core/domain/device.ts';
import type { CredentialId, OrderId, RunId, Sha256Hex, StationId } from '../../../core/domain/ids.ts';
import type { WorkOrder } from '../../../core/domain/workOrder.ts';
import { type Inventory, openInventory } from '../../../core/inventory/inventory.ts';
import { CREDENTIAL_STATES } from '../../../core/inventory/rows/credentialRow.ts';

export const STATION = { stationId: 'station-00000000000000aa' as StationId, createdAtMs: 1_000 };
export const T0 = 1_800_000_000_000;

export const sha256 = (bytes: Uint8Array | string): Sha256Hex =>
  createHash('sha256').update(bytes).digest('hex') as Sha256Hex;
export const serial = (text: string): DeviceSerial => parseDeviceSerial(text);
export const runIdOf = (name: string): RunId => `run-${name}` as RunId;
export const credentialIdOf = (name: string): CredentialId => `credential-${name}` as CredentialId;
export const orderIdOf = (name: string): OrderId => `order-${name}` as OrderId;
export const certificateSerialOf = (name: string): CertificateSerial =>
  `4${sha256(name).slice(0, 39)}` as CertificateSerial;

export const toBeSignedOf = (name: string): Uint8Array => new TextEncoder().encode(`to be signed: ${name}`);
export function certificateOf(toBeSigned: Uint8Array): {
  certificateDer: Uint8Array;
  certificateSha256: Sha256Hex;
} {
  const certificateDer = Uint8Array.of(0x30, 0x82, 0x01, 0x02, ...toBeSigned, 0xaa, 0xbb);
  return { certificateDer, certificateSha256: sha256(certificateDer) };
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'keyline-inventory-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface World {
  readonly folder: string;
  readonly path: string;
  readonly inventory: Inventory;
  /** Closes and opens again, as after a restart. */
  reopen(): Inventory;
  remove(): void;
}

export function createWorld(): World {
  const folder = temporaryFolder();
  const path = join(folder.path, 'inventory.sqlite');
  let inventory = openInventory({ path, station: STATION, actor: 'desk' });
  return {
    folder: folder.path,
    path,
    get inventory() {
      return inventory;
    },
    reopen: () => {
      inventory.close(); // closing twice does no harm
      inventory = openInventory({ path });
      return inventory;
    },
    remove: () => {
      inventory.close();
      folder.remove();
    },
  };
}

export function createOrder(inventory: Inventory, name: string, changes: Partial<WorkOrder> = {}): OrderId {
  const orderId = orderIdOf(name);
  inventory.createOrder({
    orderId,
    name,
    targetName: 'esp32',
    profileName: 'device-tls',
    quantity: changes.deviceSerials?.length ?? 2,
    deviceSerials: [],
    createdAtMs: T0,
    closedAtMs: undefined,
    ...changes,
  });
  return orderId;
}

export function openRun(
  inventory: Inventory,
  name: string,
  deviceSerial: string,
  changes: { orderId?: OrderId; targetName?: string; operatorName?: string; atMs?: number } = {},
): RunId {
  const runId = runIdOf(name);
  inventory.openRun({
    runId,
    orderId: changes.orderId,
    deviceSerial: serial(deviceSerial),
    bayName: 'bay 1',
    portPath: '/dev/ttyUSB0',
    operatorName: changes.operatorName ?? 'Ada',
    targetName: changes.targetName ?? 'esp32',
    profileName: 'device-tls',
    profileVersion: 1,
    startedAtMs: changes.atMs ?? T0,
  });
  return runId;
}

export const identify = (inventory: Inventory, runId: RunId, hardwareId?: string, atMs = T0 + 1) =>
  inventory.recordIdentity(runId, {
    hardwareId: hardwareId as HardwareId | undefined,
    firmware: '1.0',
    atMs,
  });

const PATH: readonly CredentialState[] = [
  'reserved',
  'prepared',
  'issued',
  'installed',
  'verified',
  'sealed',
];

/** Brings a new credential of `runId` (or of nobody's run) up to `state` along the one way there is. */
export function bringTo(
  inventory: Inventory,
  name: string,
  holder: Holder,
  state: CredentialState,
  options: { runId?: RunId | undefined; supersedes?: CredentialId | undefined } = {},
): CredentialId {
  const id = credentialIdOf(name);
  const toBeSigned = toBeSignedOf(name);
  const steps: Readonly<Record<string, () => void>> = {
    reserved: () =>
      inventory.reserve({
        credentialId: id,
        runId: options.runId,
        holder,
        certificateSerial: certificateSerialOf(name),
        profileName: 'device-tls',
        profileVersion: 1,
        atMs: T0 + 2,
      }),
    prepared: () => {
      inventory.recordKey(id, { publicKeySha256: sha256(name), custody: 'station-memory', atMs: T0 + 3 });
      inventory.recordPrepared(id, { toBeSigned, notBeforeMs: T0, notAfterMs: T0 + 1e9, atMs: T0 + 4 });
    },
    issued: () =>
      inventory.recordIssued(id, {
        ...certificateOf(toBeSigned),
        atMs: T0 + 5,
        supersedes: options.supersedes,
      }),
    installed: () => {
      inventory.recordInstallIntent(id, { certificate: sha256(toBeSigned) }, T0 + 6);
      inventory.recordInstalled(id, T0 + 7);
    },
    verified: () => inventory.recordVerified(id, T0 + 8),
    sealed: () => inventory.recordSealed(id, T0 + 9),
  };
  const upTo = state === 'voided' ? 'reserved' : state === 'revoked' ? 'issued' : state;
  for (const step of PATH.slice(0, PATH.indexOf(upTo) + 1)) steps[step]?.();
  if (state === 'voided') inventory.void(id, 'power cut', T0 + 10);
  if (state === 'revoked') inventory.revoke(id, 'keyCompromise', 'Ada decided', T0 + 10);
  return id;
}

/** A whole run on a device, from opening to closing. */
export function provision(
  inventory: Inventory,
  name: string,
  deviceSerial: string,
  options: {
    orderId?: OrderId;
    hardwareId?: string;
    supersedes?: CredentialId;
    outcome?: 'pass' | 'fail';
  } = {},
): { readonly runId: RunId; readonly credentialId: CredentialId | undefined } {
  const { orderId, hardwareId, supersedes, outcome = 'pass' } = options;
  const runId = openRun(inventory, name, deviceSerial, orderId === undefined ? {} : { orderId });
  identify(inventory, runId, hardwareId);
  const holder: Holder = { kind: 'device', deviceSerial: serial(deviceSerial) };
  const credentialId =
    outcome === 'pass' ? bringTo(inventory, name, holder, 'verified', { runId, supersedes }) : undefined;
  inventory.closeRun(
    runId,
    outcome === 'pass'
      ? { outcome, atMs: T0 + 20 }
      : { outcome, failure: { code: 'device_silent', details: { timeoutMs: 3_000 } }, atMs: T0 + 20 },
  );
  return { runId, credentialId };
}

/** The code of the StationError that `action` throws; anything else fails the test. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.name === 'StationError') return String(error.code);
    throw error;
  }
  return 'was not refused';
}

/** An inventory that holds some of everything, closed, for attacks on its file. */
export function createFilledWorld(): World {
  const world = createWorld();
  const { inventory } = world;
  createOrder(inventory, 'WO-1', { deviceSerials: [serial('SN-1'), serial('SN-9')] });
  provision(inventory, 'closed', 'SN-1', { hardwareId: 'HW1' });
  provision(inventory, 'other', 'SN-2', { hardwareId: 'HW2' });
  const open = openRun(inventory, 'open', 'SN-3');
  identify(inventory, open);
  inventory.beginPhase(open, 'identify', T0);
  for (const state of CREDENTIAL_STATES) {
    bringTo(inventory, `s-${state}`, { kind: 'edge-server', serverName: 'edge' }, state);
  }
  inventory.close();
  return world;
}
