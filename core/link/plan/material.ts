// What every driver asks of the material it is given, and the refusals they have in common.

import type { CertificateItem } from '../../domain/credential.ts';
import type { SlotItem } from '../../domain/deviceIdentity.ts';
import { ON_DEVICE_ALGORITHMS } from '../../domain/deviceKey.ts';
import type { InstallMaterial, InstallSizes, PasswordCredential } from '../../domain/install.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';

export const ITEMS: readonly CertificateItem[] = ['ca', 'certificate', 'privateKey'];

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

export const derSizesOf = (sizes: InstallSizes): Readonly<Record<CertificateItem, number>> => ({
  ca: sizes.caDerSizeBytes,
  certificate: sizes.certificateDerMaxSizeBytes,
  privateKey: sizes.privateKeyPkcs8SizeBytes,
});

/** Username and password as every device stores them: their characters and nothing else. The caller wipes the password. */
export const passwordItems = ({
  username,
  password,
}: PasswordCredential): readonly (readonly ['username' | 'password', Uint8Array])[] => [
  ['username', new TextEncoder().encode(username)],
  ['password', password.use((bytes) => Uint8Array.from(bytes))],
];

/** `slot_taken` where something stands there and may not be replaced. */
export function refuseTaken(taken: readonly SlotItem[], replace: boolean): void {
  if (taken.length === 0 || replace) return;
  throw new StationError('slot_taken', { items: taken.map(({ item }) => item).join(', ') });
}

/** A key that is not among those that devices make by themselves is refused (`capability_missing`). */
export function requireOnDevice(algorithm: KeyAlgorithm): void {
  if (ON_DEVICE_ALGORITHMS.includes(algorithm)) return;
  throw new StationError('capability_missing', { capability: `${algorithm} key on the device` });
}
