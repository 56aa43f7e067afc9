// The inventory as hosts see it: opened for a station that writes, or for reading beside one.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DeviceSerial } from '../domain/device.ts';
import { StationError } from '../domain/stationError.ts';
import type { AuditHead } from './audit/auditChain.ts';
import { createAuditLog } from './audit/auditLog.ts';
import { checkInvariants } from './checkInvariants.ts';
import { backUp } from './database/backup.ts';
import type { Connection } from './database/connection.ts';
import { openDatabase, openDatabaseReadOnly } from './database/openDatabase.ts';
import { type ExportRow, exportRow } from './export/inventoryExport.ts';
import { createAuditPages } from './queries/auditPages.ts';
import { createCertificateLists } from './queries/certificateLists.ts';
import { createCredentialQueries } from './queries/credentials.ts';
import { createDeviceList } from './queries/deviceList.ts';
import { createDevicePages } from './queries/devicePages.ts';
import type { DeviceFilter } from './queries/deviceSearch.ts';
import { createFigures } from './queries/figures.ts';
import { createOverview } from './queries/overview.ts';
import { createBatchStore } from './stores/batchStore.ts';
import { createCredentialStore } from './stores/credentialStore.ts';
import { createDeviceStore, type Sighting } from './stores/deviceStore.ts';
import { createIssuingCaStore } from './stores/issuingCaStore.ts';
import { createOperatorStore } from './stores/operatorStore.ts';
import { createPasswordStore } from './stores/passwordStore.ts';
import { createRunStore } from './stores/runStore.ts';
import { createStationStore, type StationFacts } from './stores/stationStore.ts';
import { createWorkOrderStore } from './stores/workOrderStore.ts';

export interface OpenOptions {
  readonly path: string;
  /** Makes the inventory, for this station, where there is none yet; without it a missing one is `station_missing`. */
  readonly station?: StationFacts | undefined;
  /** Who acts where no open run names an operator: orders, later revocations, recovery. */
  readonly actor?: string | (() => string) | undefined;
}

function createStores(connection: Connection, actor: () => string) {
  const audit = createAuditLog(connection);
  const station = createStationStore(connection, audit);
  const devices = createDeviceStore(connection, audit);
  const orders = createWorkOrderStore(connection, audit, devices, actor);
  const runs = createRunStore(connection, audit, devices, orders);
  const issuingCas = createIssuingCaStore(connection, audit, actor);
  const passwords = createPasswordStore(connection, audit, actor);
  const credentials = createCredentialStore(connection, audit, devices, runs, issuingCas, passwords, actor);
  const batches = createBatchStore(connection, audit, devices, orders, issuingCas, actor);
  const operators = createOperatorStore(connection, audit);
  return { audit, station, devices, orders, runs, credentials, issuingCas, batches, passwords, operators };
}

/** What reads: the same for a host that owns the station and for one that only looks. */
function createReader(connection: Connection, stores: ReturnType<typeof createStores>) {
  const { audit, station, devices, orders, runs, credentials, issuingCas, passwords, operators } = stores;
  const devicesList = createDeviceList(connection);
  return {
    ...devicesList,
    ...createOverview(connection, runs),
    ...createCertificateLists(connection),
    issuingCas: issuingCas.all,
    passwordUsers: passwords.users,
    passwordHolder: passwords.holder,
    ...createDevicePages(connection),
    ...createAuditPages(connection),
    ...createFigures(connection),
    station: station.facts(),
    device: devices.device,
    /** A device with all that was ever made and done for it, newest first. */
    deviceRecord: (deviceSerial: DeviceSerial) =>
      connection.read(() => {
        const device = devices.device(deviceSerial);
        if (device === undefined) return undefined;
        return {
          device,
          credentials: credentials.credentialsOf(deviceSerial),
          runs: runs.runsOf(deviceSerial),
        };
      }),
    order: orders.order,
    orderName: orders.orderName,
    orderWishes: orders.wishes,
    orders: orders.orders,
    progress: orders.progress,
    remainingSerials: orders.remainingSerials,
    operators: operators.operators,
    run: runs.run,
    openRuns: runs.openRuns,
    ...createCredentialQueries(connection),
    auditHead: audit.head,
    auditEntries: audit.auditEntries,
    verifyAudit: (anchor?: AuditHead) => audit.verifyAudit(station.facts().stationId, anchor),
    checkInvariants: (options: { readonly settled?: boolean } = {}) =>
      checkInvariants(connection, audit, station.facts().stationId, options),
    /** Flat rows, one per device, for CSV or JSON; see eachDevice for what changes meanwhile. */
    *exportRows(filter: DeviceFilter = {}): Generator<ExportRow, void, undefined> {
      for (const summary of devicesList.eachDevice(filter)) yield exportRow(summary);
    },
    backupTo: (target: string): Promise<void> => backUp(connection, target),
    close: connection.close,
  };
}

function closeOnFailure<T>(connection: Connection, make: () => T): T {
  try {
    return make();
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Opens a station's inventory for reading and writing; hold the station's lock before. Errors: `station_missing`,
 * `inventory_invalid`, `inventory_newer`, `disk_full`, `storage_read_only`, `storage_failed`.
 */
export function openInventory({ path, station, actor = 'station' }: OpenOptions) {
  if (station === undefined && !existsSync(path)) {
    throw new StationError('station_missing', { path: resolve(path) });
  }
  const who = typeof actor === 'function' ? actor : () => actor;
  const connection = openDatabase(path);
  return closeOnFailure(connection, () => {
    const stores = createStores(connection, who);
    if (station !== undefined) stores.station.create(station, who());
    const { audit, devices, orders, runs, credentials, issuingCas, batches, passwords, operators } = stores;
    return {
      ...createReader(connection, stores),
      ...operators,
      append: audit.append,
      createOrder: orders.createOrder,
      closeOrder: orders.closeOrder,
      openRun: runs.openRun,
      beginPhase: runs.beginPhase,
      endPhase: runs.endPhase,
      recordIdentity: runs.recordIdentity,
      closeRun: runs.closeRun,
      reserve: credentials.reserve,
      recordKey: credentials.recordKey,
      recordPrepared: credentials.recordPrepared,
      recordIssued: credentials.recordIssued,
      recordInstallIntent: credentials.recordInstallIntent,
      recordInstalled: credentials.recordInstalled,
      recordVerified: credentials.recordVerified,
      recordSealed: credentials.recordSealed,
      void: credentials.void,
      revoke: credentials.revoke,
      /** A device that no run has seen, because its certificate is made without it. */
      registerDevice: (sighting: Omit<Sighting, 'hardwareId' | 'firmware'>) =>
        connection.write('registerDevice', { deviceSerial: sighting.deviceSerial }, () =>
          devices.recordSighting({ ...sighting, hardwareId: undefined, firmware: undefined }),
        ),
      registerIssuingCa: issuingCas.register,
      limitIssuingCa: issuingCas.limit,
      openBatch: batches.open,
      batchOfOrder: batches.find,
      addPasswordUsers: passwords.add,
      revokePasswordUser: passwords.revoke,
    };
  });
}

/** Opens it for looking only, also while a station is at work. Needs no lock. Errors as for openInventory, and `inventory_older`. */
export function openInventoryReadOnly(path: string) {
  const connection = openDatabaseReadOnly(path);
  return closeOnFailure(connection, () =>
    createReader(
      connection,
      createStores(connection, () => ''),
    ),
  );
}

export type Inventory = ReturnType<typeof openInventory>;
export type InventoryReader = ReturnType<typeof openInventoryReadOnly>;
