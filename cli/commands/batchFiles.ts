// The lines of a batch as files, one pair per device; read line by line, since a batch may be larger than the memory.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { StationError } from '../../core/domain/stationError.ts';
import { fileStem, writeFiles } from '../../core/host/outputFiles.ts';

const lineSchema = z.object({ deviceSerial: z.string(), certificate: z.string(), privateKey: z.string() });

/** Returns how many devices there were; `usage` for a file that no batch wrote. */
export async function splitBatch(path: string, folder: string): Promise<number> {
  let devices = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(path, 'utf8') })) {
      const { deviceSerial, certificate, privateKey } = lineSchema.parse(JSON.parse(text));
      const stem = fileStem(deviceSerial);
      writeFiles(folder, [{ fileName: `${stem}.key.pem`, bytes: Buffer.from(privateKey) }], 0o600);
      writeFiles(folder, [{ fileName: `${stem}.pem`, bytes: Buffer.from(certificate) }]);
      devices += 1;
    }
  } catch (cause) {
    if (cause instanceof StationError) throw cause;
    throw new StationError(
      'usage',
      { reason: `line ${devices + 1} of ${path} is not from a batch` },
      { cause },
    );
  }
  return devices;
}
