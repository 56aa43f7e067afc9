// What is issued without a bay: a device's next credential, batches, passwords, and what goes with a delivery.

import { z } from 'zod';
import { PASSWORD_FORMATS } from '../domain/password.ts';
import { LONG_TIMEOUT_MS } from './limits.ts';
import { method } from './method.ts';
import { line, nothing, recordId, writtenFiles } from './schemas/common.ts';
import {
  batchSchema,
  folderWorkSchema,
  issuedForRequestSchema,
  issuedSshHostSchema,
  madePasswordsSchema,
  newBatchSchema,
  newFolderWorkSchema,
  newPasswordsSchema,
  newSshHostSchema,
  renewalSchema,
  renewedSchema,
  requestToIssueSchema,
} from './schemas/issuing.ts';

export const ISSUE_METHODS = {
  /** The signed list of an order's devices; `order_empty`. */
  'issue.manifest': method(
    'supervisor',
    z.strictObject({ orderId: recordId }),
    writtenFiles,
    LONG_TIMEOUT_MS,
  ),
  /** Without a reason the old credential is superseded when the new one is written; with one it is revoked first. */
  'issue.renew': method('supervisor', renewalSchema, renewedSchema, LONG_TIMEOUT_MS),
  /** A device's first credential for a request that somebody brings; `already_provisioned`. */
  'issue.request': method('supervisor', requestToIssueSchema, issuedForRequestSchema, LONG_TIMEOUT_MS),
  /** An OpenSSH host certificate for a board's own host key, and the line for its clients. */
  'issue.sshHost': method('supervisor', newSshHostSchema, issuedSshHostSchema, LONG_TIMEOUT_MS),
  /** What there is of an order's batch, under way or not. */
  'batch.get': method(
    'supervisor',
    z.strictObject({ orderId: recordId }),
    z.strictObject({ batch: batchSchema.optional() }),
  ),
  /**
   * Begins an order's batch or goes on with it; how it goes is told by `batch.changed`. Bays and batch wait for each other:
   * `bay_busy`, `batch_busy`.
   */
  'batch.start': method('supervisor', newBatchSchema, batchSchema),
  /** After the block in work. Nothing where none is under way. */
  'batch.stop': method('supervisor', nothing, nothing),
  /** How an order is issued to a folder, or where it is proposed to. */
  'folder.get': method(
    'supervisor',
    z.strictObject({ orderId: recordId }),
    z.strictObject({ work: folderWorkSchema.optional(), proposedFolder: z.string().min(1).max(4_096) }),
  ),
  /**
   * Issues an order whose target writes files, one device after the other, private keys included; how it goes is told by
   * `folder.changed`. Bays wait meanwhile: `bay_busy`, `batch_busy`.
   */
  'folder.start': method('supervisor', newFolderWorkSchema, folderWorkSchema),
  /** After the device in work. Nothing where none is under way. */
  'folder.stop': method('supervisor', nothing, nothing),
  /** Shown once. A user that exists gets a new password; only verifiers are kept. */
  'passwords.make': method('supervisor', newPasswordsSchema, madePasswordsSchema, LONG_TIMEOUT_MS),
  'passwords.revoke': method('supervisor', z.strictObject({ username: line }), nothing),
  /** The password file of a broker. */
  'passwords.export': method(
    'supervisor',
    z.strictObject({ format: z.enum(PASSWORD_FORMATS), orderId: recordId.optional() }),
    writtenFiles,
    LONG_TIMEOUT_MS,
  ),
} as const;
