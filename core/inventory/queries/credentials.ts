// Credentials as they stand: by id, by certificate serial, by holder, and those that a power cut left unfinished.

import { type Credential, LIVE_STATES } from '../../domain/credential.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { CredentialId } from '../../domain/ids.ts';
import type { Connection } from '../database/connection.ts';
import { parseCredentialRow } from '../rows/credentialRow.ts';
import { parseNewest } from '../rows/row.ts';

const LIVE_SQL = `state IN (${LIVE_STATES.map((state) => `'${state}'`).join(', ')})`;

export function createCredentialQueries(connection: Connection) {
  const one = (row: unknown): Credential | undefined =>
    row === undefined ? undefined : parseCredentialRow(row);

  return {
    credential: (id: CredentialId): Credential | undefined =>
      one(connection.get('SELECT * FROM credential WHERE credential_id = @id', { id })),
    liveCredential: (deviceSerial: DeviceSerial): Credential | undefined =>
      one(
        connection.get(`SELECT * FROM credential WHERE device_serial = @deviceSerial AND ${LIVE_SQL}`, {
          deviceSerial,
        }),
      ),
    liveEdgeCredential: (serverName: string): Credential | undefined =>
      one(
        connection.get(`SELECT * FROM credential WHERE server_name = @serverName AND ${LIVE_SQL}`, {
          serverName,
        }),
      ),
    /** Of edge servers, newest first. */
    edgeCredentials: (limit = 200): readonly Credential[] =>
      connection
        .all(
          `SELECT * FROM credential WHERE holder_kind = 'edge-server' ORDER BY credential_number DESC LIMIT @limit`,
          { limit },
        )
        .map(parseCredentialRow),
    credentialWithSerial: (certificateSerial: string): Credential | undefined =>
      one(
        connection.get('SELECT * FROM credential WHERE certificate_serial = @certificateSerial', {
          certificateSerial,
        }),
      ),
    /** Newest first. */
    credentialsOf: (deviceSerial: DeviceSerial): readonly Credential[] =>
      connection
        .all('SELECT * FROM credential WHERE device_serial = @deviceSerial ORDER BY credential_number DESC', {
          deviceSerial,
        })
        .map(parseCredentialRow),
    newestIssuedAtMs: (): number | undefined =>
      parseNewest(
        connection.get(`SELECT max(at_ms) AS newest FROM (
          SELECT max(at_ms) AS at_ms FROM credential_step WHERE state = 'issued'
          UNION ALL SELECT max(committed_at_ms) FROM batch_block)`),
      ),
    unfinishedCredentials: (): readonly Credential[] =>
      connection
        .all(
          `SELECT * FROM credential WHERE state IN ('reserved', 'prepared', 'issued', 'installed') AND batch_block IS NULL
           ORDER BY credential_number`,
        )
        .map(parseCredentialRow),
  };
}

export type CredentialQueries = ReturnType<typeof createCredentialQueries>;
