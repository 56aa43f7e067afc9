// Holds the objects of --json against schemas: a field that is renamed, lost or new is seen.

import { expect } from 'vitest';
import { z } from 'zod';
import type { CliResult } from './cliProcess.ts';

export type Promised = Readonly<Record<string, z.ZodType>>;

export const count = z.int().min(0);
export const text = z.string().min(1);

/** Exactly these events came, and each line is what its event's schema promises. */
export function expectPromised(result: CliResult, schemas: Promised, events: readonly string[]): void {
  const lines = result.lines();
  expect(new Set(lines.map(({ event }) => event)), `${result.stdout}${result.stderr}`).toEqual(
    new Set(events),
  );
  for (const line of lines) {
    const read = schemas[line.event]?.safeParse(line);
    expect(read?.success, `${line.event}: ${read?.error?.message} in ${JSON.stringify(line)}`).toBe(true);
  }
}
