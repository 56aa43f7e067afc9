// What a simulated device keeps without power: its hardware id and, with protected storage, its credentials. The file holds
// the device's private key by nature, since it is the device: keep it outside the station's data folder.

import { z } from 'zod';
import { readWholeFile } from '../disk/boundedFile.ts';
import { PRIVATE_MODE, replaceFile } from '../disk/durableFile.ts';
import { StationError } from '../domain/stationError.ts';
import { CREDENTIAL_TYPES, type StoredCredential } from './credentialStore.ts';
import type { KeptKey } from './keyVault.ts';

const stateSchema = z.strictObject({
  version: z.literal(1),
  hardwareId: z.string().regex(/^([0-9a-f]{2}){1,16}$/),
  /** By slot; null is a free one. */
  credentials: z
    .array(z.strictObject({ tag: z.int(), type: z.enum(CREDENTIAL_TYPES), base64: z.base64() }).nullable())
    .max(1_024),
  /** Keys that the device made, PKCS#8. */
  deviceKeys: z
    .array(z.strictObject({ tag: z.int(), base64: z.base64() }))
    .max(16)
    .default([]),
  /** Its credential store was locked for good. */
  locked: z.boolean().default(false),
});

export interface DeviceState {
  readonly hardwareId: string;
  readonly slots: readonly (StoredCredential | undefined)[];
  readonly deviceKeys?: readonly KeptKey[];
  readonly locked?: boolean;
}

/** Reads a state; undefined where there is none yet. Throws `value_invalid` for a file that is none. */
export function readStateFile(path: string): DeviceState | undefined {
  let text: string;
  try {
    text = readWholeFile(path)?.toString('utf8') ?? '';
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { hardwareId, credentials, deviceKeys, locked } = stateSchema.parse(JSON.parse(text));
    const slots = credentials.map((one) =>
      one === null
        ? undefined
        : { tag: one.tag, type: one.type, bytes: new Uint8Array(Buffer.from(one.base64, 'base64')) },
    );
    const kept = deviceKeys.map(({ tag, base64 }) => ({
      tag,
      pkcs8: new Uint8Array(Buffer.from(base64, 'base64')),
    }));
    return {
      hardwareId,
      slots,
      ...(kept.length === 0 ? {} : { deviceKeys: kept }),
      ...(locked ? { locked } : {}),
    };
  } catch (cause) {
    throw new StationError(
      'value_invalid',
      { field: 'state file', value: path, reason: 'it is not one of a simulated device' },
      { cause },
    );
  }
}

/** Writes a state so that after a power cut either the old one or the new one stands there whole. */
export function writeStateFile(path: string, state: DeviceState): void {
  const credentials = state.slots.map((one) =>
    one === undefined
      ? null
      : { tag: one.tag, type: one.type, base64: Buffer.from(one.bytes).toString('base64') },
  );
  const deviceKeys = (state.deviceKeys ?? []).map(({ tag, pkcs8 }) => ({
    tag,
    base64: Buffer.from(pkcs8).toString('base64'),
  }));
  const content = {
    version: 1,
    hardwareId: state.hardwareId,
    credentials,
    ...(deviceKeys.length === 0 ? {} : { deviceKeys }),
    ...(state.locked === true ? { locked: true } : {}),
  };
  const text = `${JSON.stringify(content, null, 2)}\n`;
  replaceFile(path, text, PRIVATE_MODE);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
