// Reads the targets of a folder, one JSON file each.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readWholeFile } from '../disk/boundedFile.ts';
import { StationError } from '../domain/stationError.ts';
import { parseTarget, type Target } from '../domain/target.ts';
import type { Driver } from './driver.ts';
import { driverFor, withKeyAlgorithms } from './driverRegistry.ts';

export interface TargetStore {
  readonly targets: readonly Target[];
  /** Throws `target_unknown` with the known names. */
  target(name: string): Target;
}

/**
 * Loads every `*.json` of `folder`, in the order of their names. Errors: `target_invalid` names the file, also where two
 * files share a name, or where `drivers` are given and none of them takes the target.
 */
export function loadTargets(folder: string, drivers?: readonly Driver[]): TargetStore {
  const byName = new Map<string, Target>();
  for (const fileName of targetFiles(folder)) {
    const target = parseTarget(readJson(join(folder, fileName), fileName), fileName);
    if (byName.has(target.name)) {
      throw new StationError('target_invalid', {
        source: fileName,
        reason: `name: "${target.name}" is taken`,
      });
    }
    byName.set(
      target.name,
      drivers === undefined ? target : withKeyAlgorithms(target, driverFor(drivers, target)),
    );
  }
  return {
    targets: [...byName.values()],
    target(name) {
      const target = byName.get(name);
      if (target === undefined) {
        throw new StationError('target_unknown', { name, known: [...byName.keys()].join(', ') });
      }
      return target;
    },
  };
}

function targetFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StationError('target_invalid', { source: folder, reason }, { cause: error });
  }
}

function readJson(path: string, fileName: string): unknown {
  try {
    return JSON.parse(readWholeFile(path)?.toString('utf8') ?? '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StationError('target_invalid', { source: fileName, reason }, { cause: error });
  }
}
