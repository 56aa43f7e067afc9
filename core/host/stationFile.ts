// station.json: who this station is. Its id is stamped into every record.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { StationId } from '../domain/ids.ts';
import { describeIssues } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import { writeFileAtomically } from './atomicFile.ts';

const stationFactsSchema = z.strictObject({
  stationId: z.string().regex(/^station-[0-9a-f]{16}$/),
  name: z.string().min(1).max(64),
  site: z.string().min(1).max(40),
  createdAtMs: z.int().min(0),
});

export type StationFacts = Readonly<Omit<z.infer<typeof stationFactsSchema>, 'stationId'>> & {
  readonly stationId: StationId;
};

/** Reads station.json; undefined when there is no station here yet. */
export function readStationFacts(path: string): StationFacts | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
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

export function writeStationFacts(path: string, facts: StationFacts): void {
  writeFileAtomically(path, `${JSON.stringify(stationFactsSchema.parse(facts), null, 2)}\n`);
}
