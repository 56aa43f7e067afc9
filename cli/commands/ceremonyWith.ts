// What every step of a ceremony has in common: who and when, a passphrase that does not stay, an end that is reached, and
// the record.

import { systemClock } from '../../core/domain/clock.ts';
import type { Secret } from '../../core/domain/secret.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import type { CommandContext } from '../context.ts';
import { withInterruption } from '../input/interruption.ts';
import { recordText } from '../output/ceremonyRecord.ts';
import { EXIT, type ExitCode } from './shared.ts';

/** A ceremony, told and recorded to its end also when Ctrl-C comes; the passphrase is wiped. */
export async function ceremonyWith(
  { output }: CommandContext,
  passphrase: Secret,
  body: () => Promise<void>,
): Promise<ExitCode> {
  try {
    await withInterruption(output, body);
    return EXIT.ok;
  } finally {
    passphrase.wipe();
  }
}

export const ceremonyOf = ({ folder, operatorName }: CommandContext) => ({
  folder,
  operatorName,
  clock: systemClock,
  random: systemRandom,
});

export interface MatterOptions {
  readonly matterVendor?: string;
  readonly matterProduct?: string;
}

/** What makes a root a PAA and an issuing CA a PAI. */
export function matterOf({ matterVendor: vendorId, matterProduct: productId }: MatterOptions) {
  if (vendorId !== undefined) return { vendorId, productId };
  if (productId === undefined) return undefined;
  throw new StationError('usage', { reason: '--matter-product needs --matter-vendor' });
}

/** Tells what was made, and writes the record to print where a folder is named. */
export function tell(
  context: CommandContext,
  kind: string,
  record: readonly string[],
  facts: object,
  folder?: string,
): void {
  const text = recordText(record);
  const files =
    folder === undefined ? [] : writeFiles(folder, [{ fileName: `${kind}.txt`, bytes: Buffer.from(text) }]);
  context.output.result(
    kind,
    { ...facts, record: files[0] },
    files[0] === undefined ? text : `${text}\nRecord: ${files[0]}`,
  );
}
