// The files of an existing CA, as they came over the contract.

import type { BroughtFiles } from '../contract/schemas/session.ts';
import { Secret } from '../domain/secret.ts';

/** Lends what the files are and what opens them. */
export function withFiles<T>(
  { files, filesPassphrase }: BroughtFiles,
  work: (files: readonly Uint8Array[], filesPassphrase: Secret | undefined) => T,
): T {
  const opens = filesPassphrase === undefined ? undefined : Secret.fromText(filesPassphrase);
  try {
    return work(
      files.map((base64) => Buffer.from(base64, 'base64')),
      opens,
    );
  } finally {
    opens?.wipe();
  }
}
