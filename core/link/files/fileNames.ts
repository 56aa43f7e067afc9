// How the files of a credential are named.

import type { CredentialItem } from '../../domain/credential.ts';

/** Every name of a certificate’s file, and the items that such a file holds. */
export const FILE_NAMES: Readonly<Record<string, readonly CredentialItem[]>> = {
  'ca.pem': ['ca'],
  'ca.der': ['ca'],
  'chain.pem': ['certificate'],
  'certificate.der': ['certificate'],
  'key.pem': ['privateKey'],
  'key.der': ['privateKey'],
  'credential.p12': ['privateKey'],
  'credential.bin': ['ca', 'certificate', 'privateKey'],
};
