// What every step of a ceremony has in common: a passphrase that does not stay, and an end that is reached.

import type { Secret } from '../../core/domain/secret.ts';
import type { CommandContext } from '../context.ts';
import { withInterruption } from '../input/interruption.ts';
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
