// A row of `password_user`, read together with the state of the credential that the password belongs to.

import { z } from 'zod';
import { isLive } from '../../domain/credential.ts';
import type { PasswordUser } from '../../domain/password.ts';
import { credentialState } from './credentialRow.ts';
import { jsonText, nullable, rowParser, timeMs } from './row.ts';

const verifiersSchema = z.strictObject({
  mosquitto: z.string(),
  vernemq: z.string(),
  emqx: z.strictObject({ hash: z.string(), salt: z.string() }),
  hivemq: z.string(),
  rabbitmq: z.string(),
  bcrypt: z.string().optional(),
});

export interface StoredPasswordUser extends PasswordUser {
  readonly userNumber: number;
  /** Made without a run, for a label, or given to a device by one. */
  readonly holder: 'label' | 'device';
  readonly madeAtMs: number;
}

export const parsePasswordUserRow = rowParser(
  'password_user',
  'username',
  z
    .object({
      user_number: z.int(),
      username: z.string(),
      verifiers: jsonText(verifiersSchema),
      made_at_ms: timeMs,
      credential_id: nullable(z.string()),
    })
    .transform(
      (row): StoredPasswordUser => ({
        userNumber: row.user_number,
        username: row.username,
        verifiers: row.verifiers,
        madeAtMs: row.made_at_ms,
        holder: row.credential_id === undefined ? 'label' : 'device',
      }),
    ),
);

/** Who holds a password that was not withdrawn; undefined where its credential is dead. */
export const parsePasswordHolder = rowParser(
  'password_user',
  'username',
  z
    .object({ state: nullable(credentialState) })
    .transform(({ state }): 'label' | 'device' | undefined =>
      state === undefined ? 'label' : isLive(state) ? 'device' : undefined,
    ),
);
