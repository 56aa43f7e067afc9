// The lines of a batch as files, one pair per device; read line by line, since a batch may be larger than the memory.

import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { systemErrorCode } from '../../core/disk/storageErrors.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { fileStem, writeFiles } from '../../core/host/outputFiles.ts';

/** Two PEM blocks and their names need less. */
const LINE_MAX_CHARACTERS = 256 * 1024;
const lineSchema = z.object({ deviceSerial: z.string(), certificate: z.string(), privateKey: z.string() });

/** Returns how many devices there were; `usage` for a file that no batch wrote. */
export async function splitBatch(path: string, folder: string): Promise<number> {
  let devices = 0;
  try {
    for await (const text of linesOf(path)) {
      const { deviceSerial, certificate, privateKey } = lineSchema.parse(JSON.parse(text));
      const stem = fileStem(deviceSerial);
      writeFiles(folder, [{ fileName: `${stem}.key.pem`, bytes: Buffer.from(privateKey) }], 0o600);
      writeFiles(folder, [{ fileName: `${stem}.pem`, bytes: Buffer.from(certificate) }]);
      devices += 1;
    }
  } catch (cause) {
    if (cause instanceof StationError) throw cause;
    const reason =
      systemErrorCode(cause) === undefined
        ? `line ${devices + 1} of ${path} is not from a batch`
        : `${path} cannot be read`;
    throw new StationError('usage', { reason }, { cause });
  }
  return devices;
}

/** An endless line is given up. */
async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX_CHARACTERS) break;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
