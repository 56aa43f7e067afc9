// An existing CA as people bring it (PKCS#12, or PEM in one file or several), read and checked as a whole before anything
// is written, so that whoever brings it hears at once what is wrong with it.

import { type CaImportRequest, type ImportedCa, importCa } from '../authority/import/caImport.ts';
import { asStationError, StationError } from '../domain/stationError.ts';

/** What the same failure means while files are being brought in: it is not the station's own authority that is at fault. */
export const IMPORT_MEANINGS: Readonly<Record<string, string>> = {
  passphrase_wrong: 'import-password-wrong',
  passphrase_missing: 'import-password-missing',
  authority_invalid: 'import-files-unfit',
};

/**
 * Throws as {@link importCa} does, its failures with their meaning for an import, and `chain_invalid` for a chain of more
 * than two: the authority's folder holds a root and an issuing CA.
 */
export function readExistingAuthority(request: CaImportRequest): ImportedCa {
  try {
    const imported = importCa(request);
    if (imported.chainDer.length > 2) throw new StationError('chain_invalid', { reason: 'not-two-levels' });
    return imported;
  } catch (thrown) {
    const { code, details } = asStationError(thrown);
    const meaning = IMPORT_MEANINGS[code];
    if (meaning === undefined) throw thrown;
    // Whoever brings the files can do something about it: the station is not in the way.
    const brought = code === 'authority_invalid' ? 'chain_invalid' : code;
    throw new StationError(brought, { ...details, meaning }, { cause: thrown });
  }
}
