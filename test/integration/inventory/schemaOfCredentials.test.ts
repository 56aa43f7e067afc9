// The rules for credentials that hold below all code: each is attacked with plain SQL on a filled inventory.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CredentialState, mayBecome } from '../../../core/domain/credential.ts';
import { CREDENTIAL_STATES } from '../../../core/inventory/rows/credentialRow.ts';
import { query, refusedBySchema } from './raw.ts';
import { certificateSerialOf, createFilledWorld, type World } from './world.ts';

let world: World;
let path: string;
beforeAll(() => {
  world = createFilledWorld();
  path = world.path;
});
afterAll(() => world.remove());

const HASH = 'a'.repeat(64);
const newCredential = (columns: Record<string, string>): string => {
  const all = {
    credential_id: "'credential-x'",
    holder_kind: "'edge-server'",
    server_name: "'edge'",
    certificate_serial: `'${certificateSerialOf('x')}'`,
    state: "'reserved'",
    profile_name: "'p'",
    profile_version: '1',
    reserved_at_ms: '1',
    changed_at_ms: '1',
    ...columns,
  };
  return `INSERT INTO credential (${Object.keys(all).join()}) VALUES (${Object.values(all).join()})`;
};
const onDevice = { holder_kind: "'device'", server_name: 'NULL' };

describe('the schema refuses', () => {
  it.each([
    // certificate serials
    [
      'a certificate serial used before',
      newCredential({ certificate_serial: `'${certificateSerialOf('closed')}'` }),
      'UNIQUE',
    ],
    ['a certificate serial of another form', newCredential({ certificate_serial: "'00ff'" }), 'CHECK'],
    [
      'a certificate serial in capitals',
      newCredential({ certificate_serial: `'4${'A'.repeat(39)}'` }),
      'CHECK',
    ],
    // beginnings
    ['a credential that begins as issued', newCredential({ state: "'issued'" }), 'credential-state-order'],
    ['a state of its own', newCredential({ state: "'lost'" }), 'credential-state-order'],
    [
      'a credential for an unknown device',
      newCredential({ ...onDevice, device_serial: "'SN-404'" }),
      'device-unknown',
    ],
    [
      'a device named in another case',
      newCredential({ ...onDevice, device_serial: "'sn-1'" }),
      'device-unknown',
    ],
    ['a credential for nobody', newCredential({ server_name: 'NULL' }), 'CHECK'],
    ['a credential for two', newCredential({ device_serial: "'SN-1'" }), 'CHECK'],
    [
      'a credential of a closed run',
      newCredential({ run_id: "'run-closed'" }),
      'credential-does-not-fit-run',
    ],
    ['a credential of no known run', newCredential({ run_id: "'run-404'" }), 'credential-does-not-fit-run'],
    [
      'a credential for another device than its run’s',
      newCredential({ ...onDevice, device_serial: "'SN-1'", run_id: "'run-open'" }),
      'credential-does-not-fit-run',
    ],
    // what was signed
    [
      'a signature on what was not prepared',
      "UPDATE credential SET state = 'issued', certificate_der = x'3003020100', certificate_sha256 = '" +
        HASH +
        "' WHERE credential_id = 'credential-s-prepared'",
      'CHECK',
    ],
    [
      'an issued state without certificate',
      "UPDATE credential SET state = 'issued' WHERE credential_id = 'credential-s-prepared'",
      'CHECK',
    ],
    [
      'a prepared state without content',
      "UPDATE credential SET state = 'prepared' WHERE credential_id = 'credential-s-reserved'",
      'CHECK',
    ],
    [
      'another content after preparing',
      "UPDATE credential SET to_be_signed = x'00' WHERE credential_id = 'credential-s-prepared'",
      'credential-facts-are-fixed',
    ],
    [
      'another certificate after issuing',
      `UPDATE credential SET certificate_sha256 = '${HASH}' WHERE credential_id = 'credential-s-issued'`,
      'credential-facts-are-fixed',
    ],
    [
      'another key',
      "UPDATE credential SET public_key_sha256 = '" +
        HASH +
        "' WHERE credential_id = 'credential-s-prepared'",
      'credential-facts-are-fixed',
    ],
    [
      'other digests after installing',
      "UPDATE credential SET stored_digests = '{}' WHERE credential_id = 'credential-s-installed'",
      'credential-facts-are-fixed',
    ],
    [
      'another holder',
      "UPDATE credential SET server_name = 'other' WHERE credential_id = 'credential-s-issued'",
      'credential-facts-are-fixed',
    ],
    [
      'an installation without its intent',
      "UPDATE credential SET state = 'installed' WHERE credential_id = 'credential-s-issued'",
      'CHECK',
    ],
    [
      'a revocation without reason',
      "UPDATE credential SET state = 'revoked' WHERE credential_id = 'credential-s-issued'",
      'CHECK',
    ],
    [
      'a change to what is revoked',
      "UPDATE credential SET reason = 'x' WHERE credential_id = 'credential-s-revoked'",
      'credential-facts-are-fixed',
    ],
    [
      'digests that are no JSON',
      "UPDATE credential SET stored_digests = '{' WHERE credential_id = 'credential-s-issued'",
      'CHECK',
    ],
    [
      'text where bytes belong',
      "UPDATE credential SET to_be_signed = 'text' WHERE credential_id = 'credential-s-reserved'",
      'cannot store TEXT',
    ],
    ['deletion of a credential', 'DELETE FROM credential', 'credential-is-kept'],
    [
      'replacement of a credential',
      newCredential({ credential_id: "'credential-s-issued'" }).replace('INSERT', 'INSERT OR REPLACE'),
      'credential-is-kept',
    ],
    ['deletion of a step', 'DELETE FROM credential_step', 'credential-step-is-kept'],
    ['another time of a step', 'UPDATE credential_step SET at_ms = 0', 'credential-step-is-fixed'],
    [
      'a step taken twice',
      "INSERT INTO credential_step VALUES ('credential-s-issued', 'issued', 1)",
      'UNIQUE',
    ],
  ])('%s', (_, sql, expected) => {
    expect(refusedBySchema(path, sql)).toContain(expected);
  });

  it('two live credentials of one device', () => {
    const content =
      "to_be_signed = x'0102', not_before_ms = 1, not_after_ms = 2, custody = 'file', public_key_sha256 = '" +
      HASH +
      "'";
    const signed = `state = 'issued', certificate_der = x'30040102ffff', certificate_sha256 = '${HASH}'`;
    const sql = `BEGIN;
      ${newCredential({ ...onDevice, device_serial: "'SN-2'" })};
      UPDATE credential SET state = 'prepared', ${content} WHERE credential_id = 'credential-x';
      UPDATE credential SET ${signed} WHERE credential_id = 'credential-x'; COMMIT`;
    expect(refusedBySchema(path, sql)).toContain(
      "UNIQUE constraint failed: index 'credential_one_live_per_device'",
    );
  });

  it('exactly the changes of state that the domain refuses', () => {
    const rules = query(path, "SELECT sql FROM sqlite_schema WHERE name = 'credential_state_order'")[0]?.sql;
    const allowed = [...String(rules).matchAll(/'([a-z]+>[a-z]+)'/g)].map(([, pair]) => pair);
    const domain = CREDENTIAL_STATES.flatMap((from) =>
      CREDENTIAL_STATES.filter((to) => mayBecome(from, to)).map((to) => `${from}>${to}`),
    );
    expect(allowed.sort()).toEqual(domain.sort());
    const attempts = CREDENTIAL_STATES.flatMap((from) =>
      CREDENTIAL_STATES.filter((to: CredentialState) => to !== from && !mayBecome(from, to)).map((to) =>
        refusedBySchema(
          path,
          `UPDATE credential SET state = '${to}' WHERE credential_id = 'credential-s-${from}'`,
        ),
      ),
    );
    expect(attempts).toHaveLength(64 - 8 - domain.length);
    for (const refused of attempts) expect(refused).toMatch(/credential-(state-order|facts-are-fixed)/);
  });
});
