// What a simulated device of a family keeps without power: in a file that is its flash. It is written before an answer leaves
// the device, so that what was acknowledged survives the end of its process at any moment.

import { z } from 'zod';
import { readWholeFile } from '../disk/boundedFile.ts';
import { PRIVATE_MODE, replaceFile } from '../disk/durableFile.ts';
import { StationError } from '../domain/stationError.ts';
import type { DeviceMemory, MakeLineDevice } from './lineDevice.ts';

const fileSchema = z.strictObject({ version: z.literal(1), kept: z.record(z.string(), z.base64()) });

/** A store of named contents, as most families have one. */
export const filesMemory = (
  files: Iterable<readonly [string, Uint8Array]> & { set(name: string, bytes: Buffer): unknown },
): DeviceMemory => ({
  save: () => new Map(files),
  load(kept) {
    for (const [name, bytes] of kept) files.set(name, Buffer.from(bytes));
  },
});

/** The device with its state in a file; without a path it forgets everything. Throws `value_invalid` for a file that is none. */
export function keptIn(path: string | undefined, make: MakeLineDevice): MakeLineDevice {
  if (path === undefined) return make;
  return (send) => {
    let written = '';
    const device = make((bytes) => {
      persist();
      send(bytes);
    });
    const { memory } = device;
    if (memory !== undefined) {
      const kept = read(path);
      if (kept !== undefined) memory.load(kept);
    }
    function persist(): void {
      if (memory === undefined) return;
      const kept = Object.fromEntries(
        [...memory.save()].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
      );
      const text = `${JSON.stringify({ version: 1, kept }, null, 2)}\n`;
      if (text === written) return;
      replaceFile(path ?? '', text, PRIVATE_MODE);
      written = text;
    }
    return device;
  };
}

function read(path: string): ReadonlyMap<string, Uint8Array> | undefined {
  let text: string;
  try {
    text = readWholeFile(path)?.toString('utf8') ?? '';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { kept } = fileSchema.parse(JSON.parse(text));
    return new Map(Object.entries(kept).map(([name, base64]) => [name, Buffer.from(base64, 'base64')]));
  } catch (cause) {
    const reason = 'it is not one of a simulated device of a family';
    throw new StationError('value_invalid', { field: 'state file', value: path, reason }, { cause });
  }
}
