// What the bench remembers between two starts: its layout, the current order, what a first run uses. Not a record: losing
// it costs a supervisor a minute.

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { bayLayoutSchema } from '../contract/schemas/bays.ts';
import { bayName, line, recordId } from '../contract/schemas/common.ts';
import { settingsSchema } from '../contract/schemas/session.ts';
import { replaceFile } from '../disk/durableFile.ts';

const deskSchema = z.strictObject({
  bays: z.array(bayLayoutSchema).max(64).default([]),
  handsFree: z.array(bayName).max(64).default([]),
  currentOrderId: recordId.optional(),
  /** For runs outside any order. */
  targetName: line.optional(),
  profileName: line.optional(),
});
export type Desk = Readonly<z.infer<typeof deskSchema>>;

const DEFAULT_SETTINGS = { theme: 'system', language: 'en', soundEnabled: true, soundVolume: 0.6 } as const;
const savedSettings = settingsSchema.prefault(DEFAULT_SETTINGS);

/** A small value in a JSON file that is read once and written whole. */
export interface Saved<T> {
  get(): T;
  /** Throws `disk_full`, `storage_read_only`, `storage_failed`. */
  set(value: T): void;
}

/** A file that is missing or damaged counts as empty: nothing that matters is lost with it. */
function savedIn<T>(path: string, schema: z.ZodType<T>, empty: unknown): Saved<T> {
  const read = (): T => {
    try {
      return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      return schema.parse(empty);
    }
  };
  let value = read();
  return {
    get: () => value,
    set: (next) => {
      const checked = schema.parse(next);
      replaceFile(path, `${JSON.stringify(checked, null, 2)}\n`);
      value = checked;
    },
  };
}

export const deskFile = (path: string): Saved<Desk> => savedIn(path, deskSchema, {});
export const settingsFile = (path: string): Saved<z.infer<typeof settingsSchema>> =>
  savedIn(path, savedSettings, undefined);
