// What is wrong or noteworthy now. Each kind stands at most once; interfaces are told only of changes.

import type { Condition, ConditionKind } from '../contract/schemas/session.ts';
import type { Clock } from '../domain/clock.ts';
import type { ErrorDetails } from '../domain/stationError.ts';

export interface Conditions {
  list(): readonly Condition[];
  has(kind: ConditionKind): boolean;
  set(kind: ConditionKind, details?: ErrorDetails): void;
  clear(kind: ConditionKind): void;
  clearAll(): void;
}

export function createConditions(clock: Clock, tell: (conditions: readonly Condition[]) => void): Conditions {
  const standing = new Map<ConditionKind, Condition>();
  const list = (): readonly Condition[] => [...standing.values()];
  return {
    list,
    has: (kind) => standing.has(kind),
    set: (kind, details = {}) => {
      const known = standing.get(kind);
      if (known !== undefined && JSON.stringify(known.details) === JSON.stringify(details)) return;
      standing.set(kind, { kind, sinceMs: known?.sinceMs ?? clock.nowMs(), details });
      tell(list());
    },
    clear: (kind) => {
      if (standing.delete(kind)) tell(list());
    },
    clearAll: () => {
      if (standing.size === 0) return;
      standing.clear();
      tell([]);
    },
  };
}
