// Identifiers of the station's own records: random, opaque, never derived from what a device or operator says.

import type { Brand } from './brand.ts';
import type { Random } from './clock.ts';
import { toHex } from './hex.ts';

export type StationId = Brand<string, 'StationId'>;
export type RunId = Brand<string, 'RunId'>;
export type CredentialId = Brand<string, 'CredentialId'>;
export type OrderId = Brand<string, 'OrderId'>;

/** SHA-256, lower-case hex. */
export type Sha256Hex = Brand<string, 'Sha256Hex'>;

const ID_BYTES = 8;

const newId = (prefix: string, random: Random): string => `${prefix}-${toHex(random.bytes(ID_BYTES))}`;

export const newStationId = (random: Random): StationId => newId('station', random) as StationId;
export const newRunId = (random: Random): RunId => newId('run', random) as RunId;
export const newCredentialId = (random: Random): CredentialId => newId('credential', random) as CredentialId;
export const newOrderId = (random: Random): OrderId => newId('order', random) as OrderId;
