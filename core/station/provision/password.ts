// The username and the password of a run: what is refused before it begins, and how they are made. The username is the device
// serial, so that a broker's log names the device.

import type { InstallPlan, InstallSizes, PasswordCredential } from '../../domain/install.ts';
import { entropyBits, type PasswordUser, parseUsername } from '../../domain/password.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import { refuseWithoutSlot } from '../../domain/target.ts';
import type { StationPorts } from '../ports/all.ts';
import type { ProvisionRequest } from './context.ts';

/** What a run gives a device, and what is kept of it. */
export interface RunPassword {
  readonly credential: PasswordCredential;
  readonly user: PasswordUser;
}

/**
 * Refuses a run that could not give what was asked for: a target without a place (`password_not_offered`), a device serial that is
 * no username (`value_invalid`), a user whose label would be worth nothing afterwards (`password_taken`).
 */
export function refuseImpossiblePassword(ports: StationPorts, request: ProvisionRequest): void {
  const { deviceSerial, passwordPolicy, replace, target } = request;
  if (passwordPolicy === undefined) return;
  refuseWithoutSlot(target);
  const username = parseUsername(deviceSerial);
  if (!replace && ports.inventory.passwordHolder(username) === 'label') {
    throw new StationError('password_taken', { username, reason: 'on-a-label' });
  }
}

/** Undefined where none was asked for. The caller wipes it. */
export function makePassword(ports: StationPorts, request: ProvisionRequest): RunPassword | undefined {
  const { deviceSerial, passwordPolicy } = request;
  if (passwordPolicy === undefined) return undefined;
  const username = parseUsername(deviceSerial);
  const { password, verifiers } = ports.passwords.make(passwordPolicy);
  return { credential: { username, password }, user: { username, verifiers } };
}

/** A driver that would leave them out is a mistake of the program; nothing was sent yet. */
export function requirePlanned(plan: InstallPlan): void {
  const { username, password } = plan.storedDigests;
  if (username !== undefined && password !== undefined) return;
  throw new StationError('internal', { message: 'the driver plans no username and password' });
}

export const passwordSizes = ({ deviceSerial, passwordPolicy }: ProvisionRequest): InstallSizes['password'] =>
  passwordPolicy && { usernameSizeBytes: deviceSerial.length, passwordSizeBytes: passwordPolicy.length };

/** For the record. */
export const passwordFacts = ({ passwordPolicy }: ProvisionRequest): JsonObject =>
  passwordPolicy === undefined
    ? {}
    : { password: { ...passwordPolicy, entropyBits: Math.floor(entropyBits(passwordPolicy)) } };
