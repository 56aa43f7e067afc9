// The fake's inventory: as many records as asked for, each computed from its index when it is looked at.

import { PHASES } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { Bay, RunView } from '../schemas/bays.ts';
import type {
  CredentialStateName,
  CredentialView,
  DevicePage,
  InventoryFilter,
  InventoryRow,
  RunRecord,
} from '../schemas/inventory.ts';
import { certificateOf } from './fakeCertificate.ts';
import { fakeTranscripts } from './fakeTranscripts.ts';
import { DAY_MS, hexOf, mix, mixText, OPERATORS, pick, unknown, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `inventory.${string}`>>;

const STATES: readonly CredentialStateName[] = [
  'verified',
  'verified',
  'verified',
  'sealed',
  'verified',
  'verified',
  'revoked',
  'verified',
  'installed',
  'voided',
];
const TARGETS = ['nrf7002dk', 'nrf7002dk', 'esp32-c6', 'stm32u5'] as const;

export interface FakeRecords {
  readonly methods: Part;
  /** It has a live credential. */
  isProvisioned(deviceSerial: string): boolean;
  /** Adds what a closed run leaves behind. */
  add(bay: Bay, run: RunView): void;
}

export function fakeRecords(world: World): FakeRecords {
  const { nowMs, inventoryRows: total, longNames } = world.options;
  const bornMs = nowMs();
  const fresh: { readonly row: InventoryRow; readonly run: RunRecord }[] = [];
  const revoked = new Map<string, string>();
  let cached: { readonly key: string; readonly indexes: readonly number[] } | undefined;

  const serialOf = (index: number): string =>
    longNames
      ? `KL7-EXTRA-LONG-SERIAL-NUMBER-2026-WEEK-48-LINE-3-POS-${2_600_000 + index}`
      : `KL7-${2_600_000 + index}`;
  const indexOf = (deviceSerial: string): number =>
    Number(/(\d{7})$/.exec(deviceSerial)?.[1] ?? -1) - 2_600_000;
  const hardwareIdOf = (index: number): string => `F4CE36${hexOf(index, 21, 6).toUpperCase()}`;
  const changedOf = (index: number): number => bornMs - (total - index) * 47_000 - (mix(index, 9) % 40_000);

  const row = (index: number): InventoryRow => {
    const credentialId = `credential-${hexOf(index, 41, 16)}`;
    const state = revoked.has(credentialId) ? 'revoked' : pick(STATES, mix(index, 2));
    return {
      deviceSerial: serialOf(index),
      hardwareId: hardwareIdOf(index),
      targetName: pick(TARGETS, mix(index, 3)),
      orderName: `WO-2026-${String(48 - Math.floor((total - index) / 2_500)).padStart(4, '0')}`,
      state,
      certificateSerial: `5${hexOf(index, 33, 39)}`,
      ...(state === 'voided' ? {} : { notAfterMs: changedOf(index) + 3_650 * DAY_MS }),
      changedAtMs: changedOf(index),
      runs: 1 + (mix(index, 4) % 9 === 0 ? 1 : 0),
    };
  };

  const matches = (one: InventoryRow, filter: InventoryFilter): boolean => {
    const wanted = filter.search?.trim().toLowerCase() ?? '';
    return (
      (filter.states === undefined ||
        filter.states.length === 0 ||
        (one.state !== undefined && filter.states.includes(one.state))) &&
      (filter.targetName === undefined || one.targetName === filter.targetName) &&
      (filter.fromMs === undefined || one.changedAtMs >= filter.fromMs) &&
      (filter.toMs === undefined || one.changedAtMs < filter.toMs) &&
      (wanted === '' ||
        one.deviceSerial.toLowerCase().includes(wanted) ||
        (one.hardwareId ?? '').toLowerCase().includes(wanted) ||
        (one.certificateSerial ?? '').startsWith(wanted))
    );
  };

  /** The same as `matches` over `row`, without making a hundred thousand rows. */
  const indexMatches = (index: number, filter: InventoryFilter, wanted: string): boolean => {
    if (wanted !== '' && !serialOf(index).toLowerCase().includes(wanted)) {
      const serial = wanted.length >= 8 ? `5${hexOf(index, 33, 39)}` : '';
      if (!serial.startsWith(wanted) || serial === '') {
        if (!hardwareIdOf(index).toLowerCase().includes(wanted)) return false;
      }
    }
    if (filter.targetName !== undefined && pick(TARGETS, mix(index, 3)) !== filter.targetName) return false;
    if (filter.fromMs !== undefined && changedOf(index) < filter.fromMs) return false;
    if (filter.toMs !== undefined && changedOf(index) >= filter.toMs) return false;
    return filter.states === undefined || filter.states.length === 0 || matches(row(index), filter);
  };

  const indexes = (filter: InventoryFilter): readonly number[] => {
    const key = JSON.stringify([filter, revoked.size]);
    if (cached?.key === key) return cached.indexes;
    const wanted = filter.search?.trim().toLowerCase() ?? '';
    const list: number[] = [];
    for (let index = 0; index < total; index++) if (indexMatches(index, filter, wanted)) list.push(index);
    cached = { key, indexes: list };
    return list;
  };

  const runOf = (index: number, attempt: number): RunRecord => {
    const startedAtMs = changedOf(index) - 7_000 - attempt * 45_000;
    let atMs = startedAtMs;
    const failed = attempt > 0;
    const phases = (failed ? PHASES.slice(0, 2) : PHASES).map((phase, step) => {
      const began = atMs;
      atMs += phase === 'install' ? 3_150 + (mix(index, 50) % 300) : 90 + (mix(index, step) % 700);
      const outcome = failed && phase === 'identify' ? ('fail' as const) : ('pass' as const);
      const evidence =
        phase === 'identify' && !failed
          ? {
              evidence: {
                hardwareId: hardwareIdOf(index),
                firmware: 'ncs 3.1.0',
                digest: true,
                bufferSizeBytes: 1_024,
              },
            }
          : {};
      return { phase, startedAtMs: began, endedAtMs: atMs, outcome, ...evidence };
    });
    return {
      runId: `run-${hexOf(index, 43 + attempt, 16)}`,
      deviceSerial: serialOf(index),
      orderName: 'WO-2026-0048',
      bayName: `A${1 + (mix(index, 6) % 4)}`,
      portPath: `/dev/ttyACM${mix(index, 6) % 4}`,
      operatorName: pick(OPERATORS, mix(index, 7)),
      profileName: 'iot-client',
      profileVersion: 3,
      startedAtMs,
      closedAtMs: atMs,
      outcome: failed ? 'fail' : 'pass',
      ...(failed
        ? { failure: { code: 'device_silent', side: 'device', details: { waitedMs: 3_000 } } }
        : { credentialId: `credential-${hexOf(index, 41, 16)}` }),
      askedAgain: mix(index, 44) % 9 === 0 ? 1 : 0,
      phases,
    };
  };

  const credentialOf = (index: number): CredentialView => {
    const one = row(index);
    const credentialId = `credential-${hexOf(index, 41, 16)}`;
    const reason =
      revoked.get(credentialId) ??
      (one.state === 'revoked'
        ? 'superseded: board replaced'
        : one.state === 'voided'
          ? 'interrupted before signing'
          : undefined);
    const authority = {
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: [],
      issuer: `CN=${world.site} Root CA, O=${world.site}`,
    };
    return {
      credentialId,
      state: one.state ?? 'verified',
      custody: 'on-device',
      profileName: 'iot-client',
      profileVersion: 3,
      certificateSerial: one.certificateSerial ?? '',
      reservedAtMs: one.changedAtMs - 6_000,
      changedAtMs: one.changedAtMs,
      ...(reason === undefined ? {} : { reason }),
      chain:
        one.state === 'voided'
          ? []
          : [
              certificateOf(world, index, {
                subject: `CN=${one.deviceSerial}, OU=Devices, O=${world.site}`,
                certificateSerial: one.certificateSerial ?? '',
                notBeforeMs: one.changedAtMs - 3_600_000,
                ...(one.notAfterMs === undefined ? {} : { notAfterMs: one.notAfterMs }),
                subjectAltName: [`URI: urn:device:${one.deviceSerial}`],
              }),
              certificateOf(world, 2, {
                ...authority,
                subject: `CN=${world.site} Issuing CA 1, O=${world.site}`,
              }),
              certificateOf(world, 1, { ...authority, subject: `CN=${world.site} Root CA, O=${world.site}` }),
            ],
    };
  };

  const devicePage = (deviceSerial: string): DevicePage => {
    const recent = fresh.find((one) => one.row.deviceSerial === deviceSerial);
    if (recent !== undefined) {
      return {
        deviceSerial,
        targetName: recent.row.targetName,
        firstSeenAtMs: recent.run.startedAtMs,
        credentials: [],
        runs: [recent.run],
      };
    }
    const index = indexOf(deviceSerial);
    if (index < 0 || index >= total) throw new StationError('device_unknown', { deviceSerial });
    const one = row(index);
    return {
      deviceSerial,
      ...(one.hardwareId === undefined ? {} : { hardwareId: one.hardwareId }),
      targetName: one.targetName,
      firmware: 'ncs 3.1.0',
      firstSeenAtMs: one.changedAtMs - 60_000,
      ...(one.targetName === 'esp32-c6' && one.state === 'verified' ? { password: 'device' as const } : {}),
      credentials: [credentialOf(index)],
      runs: Array.from({ length: one.runs }, (_, attempt) => runOf(index, attempt)),
    };
  };

  return {
    methods: {
      'inventory.query': ({ filter, descending, offset, limit }) => {
        const found = indexes(filter);
        const recent = fresh.map((one) => one.row).filter((one) => matches(one, filter));
        const all = found.length + recent.length;
        const rows = Array.from({ length: Math.max(0, Math.min(limit, all - offset)) }, (_, i) => {
          const place = descending ? all - 1 - (offset + i) : offset + i;
          return place < found.length ? row(found[place] ?? 0) : (recent[place - found.length] ?? row(0));
        });
        return { total: all, rows };
      },
      'inventory.device': ({ deviceSerial }) => devicePage(deviceSerial),
      ...fakeTranscripts(bornMs),
      'inventory.export': ({ filter, format }) => ({
        path: `/var/lib/keyline/exports/inventory.${format}`,
        sizeBytes: indexes(filter).length * 214,
        sha256: hexOf(9, 9, 64),
        rows: indexes(filter).length,
      }),
      'inventory.revoke': ({ credentialId, reason, note }) => {
        if (revoked.has(credentialId)) throw new StationError('credential_not_live', { state: 'revoked' });
        if (!credentialId.startsWith('credential-')) unknown('credential_unknown');
        revoked.set(credentialId, `${reason}: ${note}`);
        world.emit({ event: 'inventory.changed', payload: {} });
        return {};
      },
    },
    isProvisioned: (deviceSerial) => {
      const index = indexOf(deviceSerial);
      const known = index >= 0 && index < total ? row(index) : undefined;
      const { state } = fresh.find((one) => one.row.deviceSerial === deviceSerial)?.row ?? known ?? {};
      return state !== undefined && state !== 'voided' && state !== 'revoked';
    },
    add: (bay, run) => {
      const passed = run.outcome === 'pass';
      fresh.unshift({
        row: {
          deviceSerial: run.deviceSerial,
          ...(run.hardwareId === undefined ? {} : { hardwareId: run.hardwareId }),
          targetName: TARGETS[0],
          ...(world.currentOrder === undefined ? {} : { orderName: world.currentOrder.name }),
          ...(passed
            ? {
                state: 'verified' as const,
                certificateSerial: `5${hexOf(mixText(run.runId), 33, 39)}`,
                notAfterMs: nowMs() + 3_650 * DAY_MS,
              }
            : {}),
          changedAtMs: nowMs(),
          runs: 1,
        },
        run: {
          runId: run.runId,
          deviceSerial: run.deviceSerial,
          bayName: bay.bayName,
          portPath: bay.port?.path ?? '/dev/null',
          operatorName: world.signedIn?.operatorName ?? 'nobody',
          profileName: 'iot-client',
          profileVersion: 3,
          startedAtMs: run.startedAtMs,
          closedAtMs: run.endedAtMs,
          outcome: run.outcome,
          failure: run.failure,
          checks: run.checks,
          askedAgain: 0,
          phases: run.phases,
        },
      });
      world.emit({ event: 'inventory.changed', payload: {} });
    },
  };
}
