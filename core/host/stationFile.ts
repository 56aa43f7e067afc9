// station.json: who this station is. Its id is stamped into every record.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '../disk/durableFile.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import { quoteForDisplay } from '../domain/device.ts';
import type { StationId } from '../domain/ids.ts';
import { describeIssues } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';

const shownName = (maxLength: number) =>
  z
    .string()
    .min(1, 'it is empty')
    .max(maxLength, `at most ${maxLength} characters`)
    .regex(/^\P{C}*$/u, 'it holds characters that cannot be seen');

export const stationFactsSchema = z.strictObject({
  stationId: z.string().regex(/^station-[0-9a-f]{16}$/),
  name: shownName(64),
  site: shownName(40),
  createdAtMs: z.int().min(0),
});

export type StationFacts = Readonly<Omit<z.infer<typeof stationFactsSchema>, 'stationId'>> & {
  readonly stationId: StationId;
};

/** Reads station.json; undefined when there is no station here yet. */
export function readStationFacts(path: string): StationFacts | undefined {
  const text = storageErrors(path, () => readIfThere(path));
  if (text === undefined) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new StationError('station_missing', { path, reason: 'not JSON' }, { cause });
  }
  const parsed = stationFactsSchema.safeParse(content);
  if (!parsed.success)
    throw new StationError('station_missing', { path, reason: describeIssues(parsed.error) });
  return { ...parsed.data, stationId: parsed.data.stationId as StationId };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    // ENOTDIR: the data folder that was named is a file.
    if (['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw thrown;
  }
}

/** Refuses names that do not fit, before anything is made (`value_invalid`). */
export function checkStationFacts(facts: StationFacts): void {
  const [issue] = stationFactsSchema.safeParse(facts).error?.issues ?? [];
  if (issue === undefined) return;
  const field = String(issue.path[0]);
  const value = quoteForDisplay(String(facts[field as keyof StationFacts]));
  throw new StationError('value_invalid', { field, value, reason: issue.message });
}

export function writeStationFacts(path: string, facts: StationFacts): void {
  replaceFile(path, `${JSON.stringify(facts, null, 2)}\n`);
}
