// The fake's audit log: hundreds of thousands of entries, each computed from its number when it is looked at.

import type { StationMethods } from '../rpc/host.ts';
import type { AuditEntry } from '../schemas/inventory.ts';
import { hexOf, mix, OPERATORS, pick, type World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `audit.${string}`>>;

const ACTS = [
  'run-closed',
  'run-closed',
  'run-closed',
  'credential-issued',
  'signed-in',
  'authority-unlocked',
  'credential-revoked',
  'backup-created',
] as const;
const AUDIT_ENTRIES = 412_907;

export function fakeAudit(world: World): Part {
  const { nowMs, inventoryRows } = world.options;
  const bornMs = nowMs();

  const entry = (sequence: number): AuditEntry => {
    const act = pick(ACTS, mix(sequence, 81));
    return {
      sequence,
      atMs: bornMs - (AUDIT_ENTRIES - sequence) * 12_000,
      act,
      actor: act === 'credential-issued' ? 'station' : pick(OPERATORS, mix(sequence, 82)),
      details: act.startsWith('run')
        ? {
            deviceSerial: `KL7-${2_600_000 + (mix(sequence, 83) % Math.max(inventoryRows, 1))}`,
            outcome: 'pass',
            bay: 'A2',
          }
        : act === 'credential-revoked'
          ? { certificateSerial: `5${hexOf(sequence, 33, 39)}`, reason: 'superseded' }
          : {},
      sha256: hexOf(sequence, 84, 64),
    };
  };

  return {
    'audit.page': ({ act, actor, search, offset, limit }) => {
      const plain = act === undefined && actor === undefined && (search ?? '') === '';
      const wanted = search?.toLowerCase() ?? '';
      const found: number[] = [];
      const reach = plain ? 0 : 20_000;
      for (let i = 0; i < reach; i++) {
        const one = entry(AUDIT_ENTRIES - i);
        if (
          (act === undefined || one.act === act) &&
          (actor === undefined || one.actor === actor) &&
          JSON.stringify(one).toLowerCase().includes(wanted)
        )
          found.push(one.sequence);
      }
      const size = plain ? AUDIT_ENTRIES : found.length;
      const entries = Array.from({ length: Math.max(0, Math.min(limit, size - offset)) }, (_, i) =>
        entry(plain ? AUDIT_ENTRIES - offset - i : (found[offset + i] ?? 1)),
      );
      return { total: size, entries, acts: [...new Set(ACTS)].sort(), actors: [...OPERATORS, 'station'] };
    },
    'audit.verify': async () => {
      await new Promise<void>((resolve) => world.options.later(resolve, 600));
      const intact = world.options.auditIntact;
      return {
        intact,
        entries: AUDIT_ENTRIES,
        headSha256: hexOf(AUDIT_ENTRIES, 84, 64),
        checkedAtMs: nowMs(),
        ...(intact ? {} : { firstBrokenSequence: 401_122 }),
      };
    },
  };
}
