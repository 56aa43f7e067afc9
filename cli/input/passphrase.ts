// The authority's passphrase: from a file descriptor, the environment or a prompt; never from the command's arguments,
// which every process on the machine can read.

import { checkPassphrase } from '../../core/authority/passphrase.ts';
import { readWholeFile } from '../../core/disk/boundedFile.ts';
import { Secret } from '../../core/domain/secret.ts';
import { asStationError, type ErrorDetails, StationError } from '../../core/domain/stationError.ts';
import { failureWords } from '../output/failureWords.ts';

const VARIABLE = 'KEYLINE_PASSPHRASE';

export interface PassphraseSource {
  readonly fileDescriptor: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly interactive: boolean;
}

/** Reads the passphrase once. The environment variable is removed, so that no child process inherits it. */
export async function readPassphrase(source: PassphraseSource, prompt: string): Promise<Secret> {
  if (source.fileDescriptor !== undefined) return fromFileDescriptor(source.fileDescriptor);
  const fromEnvironment = source.env[VARIABLE];
  if (fromEnvironment !== undefined && fromEnvironment !== '') {
    delete source.env[VARIABLE];
    return Secret.fromText(fromEnvironment);
  }
  if (!source.interactive) throw new StationError('passphrase_missing');
  return Secret.fromText(await askHidden(prompt));
}

/** For a new passphrase: asks twice at a prompt, so that a slip of the finger does not lock the authority for ever. */
export async function readNewPassphrase(source: PassphraseSource): Promise<Secret> {
  const isAsked = source.fileDescriptor === undefined && !source.env[VARIABLE] && source.interactive;
  if (!isAsked) return readPassphrase(source, '');
  for (;;) {
    const first = Secret.fromText(await askHidden('New passphrase for the authority', weakness));
    const second = Secret.fromText(await askHidden('The same passphrase again'));
    const isSame = first.use((a) => second.use((b) => Buffer.from(a).equals(b)));
    second.wipe();
    if (isSame) return first;
    first.wipe();
    process.stderr.write('  The two differ. Once more:\n');
  }
}

/** Why it will not do as a new passphrase, said at the prompt; true where it will. */
function weakness(text: string): true | string {
  const secret = Secret.fromText(text);
  try {
    checkPassphrase(secret);
    return true;
  } catch (thrown) {
    const { what, next } = failureWords(asStationError(thrown));
    return `${what} ${next}`;
  } finally {
    secret.wipe();
  }
}

/** The password of files that are brought, where a descriptor for it was named. */
export const importPassphrase = (fileDescriptor: number | undefined): Secret | undefined =>
  fileDescriptor === undefined
    ? undefined
    : fromFileDescriptor(fileDescriptor, { meaning: 'import-password-missing' });

/** The first line of a file descriptor; `passphrase_missing` when there is none, with `details`. */
function fromFileDescriptor(fileDescriptor: number, details: ErrorDetails = {}): Secret {
  let bytes: Buffer;
  try {
    bytes = readWholeFile(fileDescriptor) ?? Buffer.alloc(0);
  } catch (cause) {
    throw new StationError('passphrase_missing', { ...details, fileDescriptor }, { cause });
  }
  const lineEnd = bytes.indexOf('\n');
  const line = lineEnd === -1 ? bytes : bytes.subarray(0, lineEnd);
  const secret = new Secret(Uint8Array.from(line.at(-1) === 0x0d ? line.subarray(0, -1) : line));
  bytes.fill(0);
  if (secret.sizeBytes === 0) throw new StationError('passphrase_missing', { ...details, fileDescriptor });
  return secret;
}

async function askHidden(
  message: string,
  validate: (text: string) => true | string = () => true,
): Promise<string> {
  // Loaded only where somebody is asked.
  const { default: password } = await import('@inquirer/password');
  try {
    return await password({ message, mask: '•', validate }, { output: process.stderr });
  } catch (cause) {
    throw new StationError('interrupted', {}, { cause }); // Ctrl-C at the prompt
  }
}
