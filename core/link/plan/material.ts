// What every driver asks of the material it is given, and the refusals they have in common.

import type { CredentialItem } from '../../domain/credential.ts';
import type { SlotItem } from '../../domain/deviceIdentity.ts';
import type { InstallMaterial, InstallSizes } from '../../domain/install.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';

export const ITEMS: readonly CredentialItem[] = ['ca', 'certificate', 'privateKey'];

/** The device's own certificate, without its issuer's. */
export function leafOf(material: InstallMaterial): Uint8Array {
  const leaf = material.chainDer[0];
  if (leaf === undefined) throw new StationError('internal', { message: 'a chain without a certificate' });
  return leaf;
}

/** The key that was made at the station; `custody_not_offered` where there is none. */
export function stationKeyOf(material: InstallMaterial): Secret {
  if (material.privateKeyPkcs8 !== undefined) return material.privateKeyPkcs8;
  throw new StationError('custody_not_offered', { custody: 'on-device' });
}

export const derSizesOf = (sizes: InstallSizes): Readonly<Record<CredentialItem, number>> => ({
  ca: sizes.caDerSizeBytes,
  certificate: sizes.certificateDerMaxSizeBytes,
  privateKey: sizes.privateKeyPkcs8SizeBytes,
});

/** `slot_taken` where something stands there and may not be replaced. */
export function refuseTaken(taken: readonly SlotItem[], replace: boolean): void {
  if (taken.length === 0 || replace) return;
  throw new StationError('slot_taken', { items: taken.map(({ item }) => item).join(', ') });
}

/** Keys made on a device are P-256 everywhere. */
export function requireP256(algorithm: string): void {
  if (algorithm === 'P-256') return;
  throw new StationError('capability_missing', { capability: `${algorithm} key on the device` });
}
