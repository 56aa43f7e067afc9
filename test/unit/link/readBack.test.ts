import { expect, test } from 'vitest';
import type { CredentialItem } from '../../../core/domain/credential.ts';
import { compareReadBack } from '../../../core/link/plan/readBack.ts';
import { sha256Hex } from '../../../core/link/plan/storedPlan.ts';
import { Questions } from '../../../core/link/session/questions.ts';
import { failure, Transcript } from '../../support/familyBench.ts';

/** The error of a device that twice reads back something else than was sent. */
const mismatchOf = (item: CredentialItem) => {
  const questions = new Questions(new Transcript(), async () => {});
  const expectedSha256 = sha256Hex(Buffer.from('sent'));
  return failure(
    compareReadBack(questions, { item, expectedSha256 }, async () => Buffer.from('held instead')),
  );
};

test('a mismatch tells both digests, and of a password none: it is kept in the run’s record, where nothing salts it', async () => {
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
  const certificate = await mismatchOf('certificate');
  expect([certificate.code, certificate.details]).toEqual([
    'verification_mismatch',
    {
      item: 'certificate',
      check: 'read-back',
      expectedSha256: digest,
      actualSha256: digest,
      firstReadSha256: digest,
    },
  ]);
  const password = await mismatchOf('password');
  expect([password.code, password.details]).toEqual([
    'verification_mismatch',
    { item: 'password', check: 'read-back' },
  ]);
});
