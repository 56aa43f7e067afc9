// What may be asked of the local CA: its lock, its issuing CAs, what it signs without a bay, and what others need to trust it.

import { z } from 'zod';
import { LONG_TIMEOUT_MS } from './limits.ts';
import { method } from './method.ts';
import {
  authorityViewSchema,
  caAssignmentSchema,
  caLabel,
  caLimitsSchema,
  caRevocationSchema,
  crlRenewalSchema,
  crlSetSchema,
  installedCrlSchema,
  issuedServerSchema,
  keychainSchema,
  newCaSchema,
  newServerSchema,
  profilePageSchema,
  requestedCaSchema,
  revokedCaSchema,
  rollOverSchema,
  trustRequestSchema,
} from './schemas/authority.ts';
import { base64File, nothing, passphrase, recordId, smallFile, writtenFiles } from './schemas/common.ts';
import { broughtFilesSchema, sessionSchema } from './schemas/session.ts';

export const AUTHORITY_METHODS = {
  'authority.get': method('operator', nothing, authorityViewSchema),
  'authority.unlock': method(
    'supervisor',
    z.strictObject({ passphrase, lockAfterMinutes: z.int().min(5).max(720) }),
    sessionSchema,
    LONG_TIMEOUT_MS,
  ),
  'authority.keychain': method('operator', nothing, keychainSchema),
  /** The passphrase goes into the operating system's keychain; it must be the right one. */
  'authority.keepPassphrase': method(
    'supervisor',
    z.strictObject({ passphrase }),
    keychainSchema,
    LONG_TIMEOUT_MS,
  ),
  'authority.forgetPassphrase': method('supervisor', nothing, keychainSchema),
  'authority.unlockByKeychain': method(
    'supervisor',
    z.strictObject({ lockAfterMinutes: z.int().min(5).max(720) }),
    sessionSchema,
    LONG_TIMEOUT_MS,
  ),
  'authority.lock': method('operator', nothing, sessionSchema),
  'authority.export': method(
    'supervisor',
    z.strictObject({ what: z.enum(['root', 'chain']), format: z.enum(['pem', 'der']) }),
    smallFile,
  ),
  /** A further issuing CA signs from now on; the one before stays trusted. Not while a bay is at work. */
  'authority.rollOver': method('supervisor', rollOverSchema, authorityViewSchema, LONG_TIMEOUT_MS),
  /** A further issuing CA's key, and the request for the root's machine as a file. */
  'authority.request': method('supervisor', newCaSchema, requestedCaSchema, LONG_TIMEOUT_MS),
  /** The chain that came back; `request_missing`. It signs once it is assigned. Not while a bay is at work. */
  'authority.install': method(
    'supervisor',
    z.strictObject({ label: caLabel, file: base64File, passphrase }),
    authorityViewSchema,
    LONG_TIMEOUT_MS,
  ),
  /** An existing CA, its key under the station's passphrase. It signs once it is assigned. Not while a bay is at work. */
  'authority.import': method(
    'supervisor',
    broughtFilesSchema.extend({ passphrase }),
    authorityViewSchema,
    LONG_TIMEOUT_MS,
  ),
  'authority.assign': method('supervisor', caAssignmentSchema, authorityViewSchema, LONG_TIMEOUT_MS),
  /** What is left out is lifted. */
  'authority.limit': method('supervisor', caLimitsSchema, authorityViewSchema),
  /** For good. Not while a bay is at work. */
  'authority.revokeIssuing': method('supervisor', caRevocationSchema, revokedCaSchema, LONG_TIMEOUT_MS),
  'authority.issueServer': method('supervisor', newServerSchema, issuedServerSchema),
  /** A new key and certificate for the same names, of the same length of life. */
  'authority.renewServer': method(
    'supervisor',
    z.strictObject({ credentialId: recordId }),
    issuedServerSchema,
  ),
  'authority.profiles': method('operator', nothing, z.array(profilePageSchema).max(200), LONG_TIMEOUT_MS),

  'crl.get': method('operator', nothing, crlSetSchema, LONG_TIMEOUT_MS),
  /** Signs the next list of every CA whose key is here. */
  'crl.renew': method(
    'supervisor',
    z.strictObject({ days: z.int().min(1).max(365), rootDays: z.int().min(1).max(3_650) }),
    crlRenewalSchema,
    LONG_TIMEOUT_MS,
  ),
  /** The list that a ceremony signed on the root's machine. Not while a bay is at work. */
  'crl.install': method(
    'supervisor',
    z.strictObject({ file: base64File }),
    installedCrlSchema,
    LONG_TIMEOUT_MS,
  ),
  /** Writes the set as files; `chain_invalid` while a list is missing or over. */
  'crl.write': method('supervisor', nothing, writtenFiles, LONG_TIMEOUT_MS),

  'trust.export': method('supervisor', trustRequestSchema, writtenFiles, LONG_TIMEOUT_MS),
} as const;
