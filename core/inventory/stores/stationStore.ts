// Whose inventory this is: one row, written once together with the first audit entry.

import { z } from 'zod';
import type { StationId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { GENESIS_ACT } from '../audit/auditChain.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { branded, rowParser, timeMs } from '../rows/row.ts';

export interface StationFacts {
  readonly stationId: StationId;
  readonly createdAtMs: number;
}

const parseStationRow = rowParser(
  'station',
  'station_id',
  z
    .object({ station_id: branded<StationId>(), created_at_ms: timeMs })
    .transform((row): StationFacts => ({ stationId: row.station_id, createdAtMs: row.created_at_ms })),
);

export function createStationStore(connection: Connection, audit: AuditLog) {
  const find = (): StationFacts | undefined => {
    const row = connection.get('SELECT * FROM station');
    return row === undefined ? undefined : parseStationRow(row);
  };

  return {
    find,
    /** The station's facts; `station_missing` where the inventory was never given to a station. */
    facts: (): StationFacts => {
      const facts = find();
      if (facts === undefined) throw new StationError('station_missing', { path: connection.path });
      return facts;
    },
    /** Gives the inventory to a station. Does nothing when it already belongs to one: a cut-off creation is completed. */
    create: (station: StationFacts, actor: string): void => {
      if (find() !== undefined) return;
      const { stationId, createdAtMs } = station;
      connection.write('createStation', { stationId }, () => {
        connection.run('INSERT INTO station VALUES (1, @stationId, @createdAtMs)', {
          stationId,
          createdAtMs,
        });
        audit.record({ act: GENESIS_ACT, actor, atMs: createdAtMs, details: { stationId } });
      });
    },
  };
}
