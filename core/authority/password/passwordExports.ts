// Password files in the forms that brokers read. Each is a stream of text, so that a million users need no memory.

import { type PasswordUser, type PasswordVerifiers, parseUsername } from '../../domain/password.ts';
import { StationError } from '../../domain/stationError.ts';
import { csvLine } from '../trust/files.ts';

/** `mosquitto.passwd`: name and hash. One bad line stops mosquitto 2.1, so names are checked once more. */
export const mosquittoLines = (users: Iterable<PasswordUser>): Generator<string> =>
  namedLines(users, ({ mosquitto }) => mosquitto);

/** `vmq.passwd`. */
export const vernemqLines = (users: Iterable<PasswordUser>): Generator<string> =>
  namedLines(users, ({ vernemq }) => vernemq);

/** `htpasswd` for Apache and nginx. Throws `capability_missing` for a user whose password was never hashed with bcrypt. */
export const htpasswdLines = (users: Iterable<PasswordUser>): Generator<string> =>
  namedLines(users, ({ bcrypt }) => {
    if (bcrypt === undefined) throw new StationError('capability_missing', { what: 'bcrypt' });
    return bcrypt;
  });

/** `emqx-users.csv`, for an authenticator with sha256 and the salt as suffix. */
export function* emqxLines(users: Iterable<PasswordUser>): Generator<string> {
  yield csvLine(['user_id', 'password_hash', 'salt', 'is_superuser']);
  for (const { username, verifiers } of users) {
    yield csvLine([parseUsername(username), verifiers.emqx.hash, verifiers.emqx.salt, 'false']);
  }
}

/** `credentials.xml` of HiveMQ's file RBAC extension; `role` must exist there. */
export function* hivemqLines(users: Iterable<PasswordUser>, role: string): Generator<string> {
  const roleName = parseUsername(role);
  yield `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<file-rbac>\n  <users>\n`;
  for (const { username, verifiers } of users) {
    // Names and base64 hold nothing that XML would have to escape.
    yield `    <user><name>${parseUsername(username)}</name><password>${verifiers.hivemq}</password>` +
      `<roles><id>${roleName}</id></roles></user>\n`;
  }
  yield '  </users>\n</file-rbac>\n';
}

/** `rabbitmq-users.json`: definitions to import; users without tags and without permissions. */
export function* rabbitmqLines(users: Iterable<PasswordUser>): Generator<string> {
  yield '{"users":[';
  let separator = '\n';
  for (const { username, verifiers } of users) {
    yield `${separator}${JSON.stringify({
      name: parseUsername(username),
      password_hash: verifiers.rabbitmq,
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: [],
    })}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

function* namedLines(
  users: Iterable<PasswordUser>,
  hash: (verifiers: PasswordVerifiers) => string,
): Generator<string> {
  for (const { username, verifiers } of users) yield `${parseUsername(username)}:${hash(verifiers)}\n`;
}
