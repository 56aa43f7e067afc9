// The one place where a credential changes its state.

import { type Credential, type CredentialState, type Holder, mayBecome } from '../../domain/credential.ts';
import type { CredentialId } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import type { CredentialQueries } from '../queries/credentials.ts';
import type { RunStore } from './runStore.ts';

/** How a holder is named in the audit log. */
export const holderFacts = (holder: Holder): JsonObject =>
  holder.kind === 'device' ? { deviceSerial: holder.deviceSerial } : { serverName: holder.serverName };

export function createCredentialState(
  connection: Connection,
  { credential }: CredentialQueries,
  runs: RunStore,
  actor: () => string,
) {
  function existing(id: CredentialId): Credential {
    const found = credential(id);
    if (found === undefined) throw new StationError('credential_unknown', { credentialId: id });
    return found;
  }

  /** Who answers for what happens to a credential: while its run is open the run's operator, after that this host's. */
  function actorFor({ runId }: Credential): string {
    const run = runId === undefined ? undefined : runs.run(runId);
    return run === undefined || run.closedAtMs !== undefined ? actor() : run.operatorName;
  }

  /** Moves a credential on, inside the caller's transaction, and sets `columns` to the parameters of the same names. */
  function advance(
    from: Credential,
    state: CredentialState,
    atMs: number,
    columns: Readonly<Record<string, SqlParameters[string]>> = {},
  ): void {
    const { credentialId } = from;
    if (!mayBecome(from.state, state)) {
      throw new StationError('record_refused', {
        credentialId,
        state: from.state,
        wanted: state,
        reason: 'credential-state-order',
      });
    }
    const assignments = Object.keys(columns).map((name) => `, ${name} = @${name}`);
    connection.run(
      `UPDATE credential SET state = @state, changed_at_ms = @atMs${assignments.join('')} WHERE credential_id = @credentialId`,
      { credentialId, state, atMs, ...columns },
    );
  }

  return { existing, actorFor, advance };
}

export type CredentialStateStore = ReturnType<typeof createCredentialState>;
