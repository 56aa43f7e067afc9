// Operators as rows. It stores hashes that others made and compared; every change leaves an audit entry.

import { z } from 'zod';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { nullable, rowParser, timeMs } from '../rows/row.ts';

export type OperatorRole = 'operator' | 'supervisor';

export interface PinHash {
  readonly salt: string;
  readonly rounds: number;
  readonly hash: string;
}

export interface OperatorRecord {
  readonly operatorName: string;
  readonly role: OperatorRole;
  readonly pin: PinHash;
  readonly badgeHash: string | undefined;
  readonly active: boolean;
  readonly lastSignInAtMs: number | undefined;
  readonly wrongPins: number;
  readonly wrongPinAtMs: number | undefined;
}

export interface OperatorChange {
  readonly role?: OperatorRole | undefined;
  readonly pin?: PinHash | undefined;
  /** Null takes the badge away. */
  readonly badgeHash?: string | null | undefined;
  readonly active?: boolean | undefined;
}

const parseOperatorRow = rowParser(
  'operator',
  'operator_name',
  z
    .object({
      operator_name: z.string(),
      role: z.enum(['operator', 'supervisor']),
      pin_salt: z.string(),
      pin_rounds: z.int(),
      pin_hash: z.string(),
      badge_hash: nullable(z.string()),
      active: z.int(),
      last_sign_in_at_ms: nullable(timeMs),
      wrong_pins: z.int(),
      wrong_pin_at_ms: nullable(timeMs),
    })
    .transform(
      (row): OperatorRecord => ({
        operatorName: row.operator_name,
        role: row.role,
        pin: { salt: row.pin_salt, rounds: row.pin_rounds, hash: row.pin_hash },
        badgeHash: row.badge_hash,
        active: row.active === 1,
        lastSignInAtMs: row.last_sign_in_at_ms,
        wrongPins: row.wrong_pins,
        wrongPinAtMs: row.wrong_pin_at_ms,
      }),
    ),
);

export function createOperatorStore(connection: Connection, audit: AuditLog) {
  const one = (row: unknown): OperatorRecord | undefined =>
    row === undefined ? undefined : parseOperatorRow(row);
  /** Upper and lower case are one name. */
  const operator = (operatorName: string): OperatorRecord | undefined =>
    one(connection.get('SELECT * FROM operator WHERE operator_name = @operatorName', { operatorName }));
  const operatorWithBadge = (badgeHash: string): OperatorRecord | undefined =>
    one(connection.get('SELECT * FROM operator WHERE badge_hash = @badgeHash', { badgeHash }));
  const operators = (): readonly OperatorRecord[] =>
    connection.all('SELECT * FROM operator ORDER BY operator_number').map(parseOperatorRow);

  /** `operator_unknown` */
  function known(operatorName: string): OperatorRecord {
    const found = operator(operatorName);
    if (found === undefined) throw new StationError('operator_unknown', { name: operatorName });
    return found;
  }

  function refuseTakenBadge(badgeHash: string | null | undefined, operatorName: string): void {
    const owner = badgeHash ? operatorWithBadge(badgeHash) : undefined;
    if (owner !== undefined && owner.operatorName !== operatorName) {
      throw new StationError('value_invalid', { field: 'badge', reason: 'taken' });
    }
  }

  /** `operator_exists`; `value_invalid` where another has the badge. */
  function createOperator(
    created: Pick<OperatorRecord, 'operatorName' | 'role' | 'pin' | 'badgeHash'>,
    actor: string,
    atMs: number,
  ): OperatorRecord {
    const { operatorName, role, pin, badgeHash } = created;
    return connection.write('createOperator', { operatorName }, () => {
      if (operator(operatorName) !== undefined)
        throw new StationError('operator_exists', { name: operatorName });
      refuseTakenBadge(badgeHash, operatorName);
      connection.run(
        `INSERT INTO operator (operator_name, role, pin_salt, pin_rounds, pin_hash, badge_hash, created_at_ms)
         VALUES (@operatorName, @role, @salt, @rounds, @hash, @badgeHash, @atMs)`,
        { operatorName, role, ...pin, badgeHash, atMs },
      );
      audit.record({ act: 'operator-created', actor, atMs, details: { operatorName, role } });
      return known(operatorName);
    });
  }

  /** `operator_unknown`; `value_invalid` for the last supervisor, or where another has the badge. */
  function changeOperator(
    operatorName: string,
    change: OperatorChange,
    actor: string,
    atMs: number,
  ): OperatorRecord {
    return connection.write('changeOperator', { operatorName }, () => {
      const before = known(operatorName);
      refuseTakenBadge(change.badgeHash, before.operatorName);
      const after = {
        role: change.role ?? before.role,
        pin: change.pin ?? before.pin,
        badgeHash: change.badgeHash === undefined ? before.badgeHash : (change.badgeHash ?? undefined),
        active: change.active ?? before.active,
      };
      const isLeaving = before.role === 'supervisor' && before.active;
      const supervises = after.role === 'supervisor' && after.active;
      const others = operators().filter(
        (one) => one.active && one.role === 'supervisor' && one.operatorName !== before.operatorName,
      );
      if (isLeaving && !supervises && others.length === 0) {
        throw new StationError('value_invalid', { field: 'role', reason: 'last-supervisor' });
      }
      connection.run(
        `UPDATE operator SET role = @role, pin_salt = @salt, pin_rounds = @rounds, pin_hash = @hash,
           badge_hash = @badgeHash, active = @active,
           wrong_pins = iif(@newPin, 0, wrong_pins), wrong_pin_at_ms = iif(@newPin, NULL, wrong_pin_at_ms)
         WHERE operator_name = @operatorName`,
        {
          operatorName,
          role: after.role,
          ...after.pin,
          badgeHash: after.badgeHash,
          active: after.active ? 1 : 0,
          newPin: change.pin === undefined ? 0 : 1,
        },
      );
      const details = {
        operatorName: before.operatorName,
        role: after.role,
        active: after.active,
        newPin: change.pin !== undefined,
        newBadge: change.badgeHash !== undefined,
      };
      audit.record({ act: 'operator-changed', actor, atMs, details });
      return known(operatorName);
    });
  }

  function recordSignIn(operatorName: string, how: 'pin' | 'badge', atMs: number): void {
    connection.write('recordSignIn', { operatorName }, () => {
      connection.run(
        `UPDATE operator SET last_sign_in_at_ms = @atMs, wrong_pins = 0, wrong_pin_at_ms = NULL
         WHERE operator_name = @operatorName`,
        { operatorName, atMs },
      );
      audit.record({ act: 'signed-in', actor: operatorName, atMs, details: { how } });
    });
  }

  /** Counts a wrong PIN before anything is answered. */
  function recordWrongPin(operatorName: string, atMs: number): void {
    connection.write('recordWrongPin', { operatorName }, () => {
      connection.run(
        'UPDATE operator SET wrong_pins = wrong_pins + 1, wrong_pin_at_ms = @atMs WHERE operator_name = @operatorName',
        { operatorName, atMs },
      );
      audit.record({
        act: 'sign-in-refused',
        actor: operatorName,
        atMs,
        details: { wrongPins: known(operatorName).wrongPins },
      });
    });
  }

  return {
    operator,
    operatorWithBadge,
    operators,
    createOperator,
    changeOperator,
    recordSignIn,
    recordWrongPin,
  };
}

export type OperatorStore = ReturnType<typeof createOperatorStore>;
