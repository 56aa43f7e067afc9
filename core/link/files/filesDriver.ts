// Credentials as files, one folder for each device, for whatever is programmed by other tools. The private key then exists
// on a disk: an explicit choice, recorded as the custody `file`.

import type { Random } from '../../domain/clock.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Driver } from '../driver.ts';
import { algorithmsIn } from '../plan/keyForm.ts';
import { FilesSession } from './filesSession.ts';
import { folderTransport } from './folderTransport.ts';
import { filesOptionsSchema, filesPasswordPlaces, parseFilesOptions } from './options.ts';

export interface FilesDriverParts {
  readonly random: Random;
  /** Asked for only where PKCS#12 is wanted; it never stands in a target file. */
  readonly passphrase: () => Secret | undefined;
}

/** A driver whose port path is the device's folder ({@link folderTransport}); it is made when it does not exist. */
export const createFilesDriver = (parts: FilesDriverParts): Driver => ({
  name: 'files',
  optionsSchema: filesOptionsSchema,
  checkTarget: (target) => {
    parseFilesOptions(target);
  },
  keyAlgorithms: (target) =>
    algorithmsIn(parseFilesOptions(target).formats.includes('esp32-image') ? 'sec1' : 'pkcs8'),
  passwordPlaces: (target) => filesPasswordPlaces(parseFilesOptions(target)),
  openTransport: async ({ portPath }) => folderTransport(portPath),
  async open({ transport, target, transcript }) {
    const options = parseFilesOptions(target);
    const passphrase = options.formats.includes('pkcs12') ? parts.passphrase() : undefined;
    if (options.formats.includes('pkcs12') && passphrase === undefined) {
      throw new StationError('value_missing', { consumer: 'PKCS#12', field: 'passphrase' });
    }
    transcript.write('note', 'the private key will be a file on this disk');
    const { passwordSlot } = target;
    return new FilesSession(transport.portPath, { options, passphrase, passwordSlot, random: parts.random });
  },
});
