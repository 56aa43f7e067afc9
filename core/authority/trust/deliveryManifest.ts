// What goes with a delivery: the list of its devices and certificates, signed. A customer checks it with openssl alone:
//   openssl x509 -in manifest-signer.pem -pubkey -noout > signer.pub
//   openssl dgst -sha256 -verify signer.pub -signature manifest.sig manifest.csv

import { toPemChain } from '../../der/pem.ts';
import { StationError } from '../../domain/stationError.ts';
import type { CaSigner } from '../signing/signer.ts';
import { type ExportedDevice, type ExportedFile, textFile } from './files.ts';
import { fingerprintLines } from './fingerprints.ts';

export interface ManifestRequest {
  readonly devices: Iterable<ExportedDevice>;
  /** The station's certificate with its key; any certificate of the site's CA whose key may sign. */
  readonly signer: CaSigner;
  /** From the signer's issuer up to the root. */
  readonly chainDer: readonly Uint8Array[];
}

/** Manifest, signature, and the certificates to check it with. Throws `signature_check_failed`. */
export function deliveryManifest(request: ManifestRequest): readonly ExportedFile[] {
  const manifest = textFile('manifest.csv', [...fingerprintLines(request.devices)].join(''));
  const signature = request.signer.sign(manifest.bytes);
  if (!request.signer.verify(manifest.bytes, signature)) {
    throw new StationError('signature_check_failed', { what: 'manifest' });
  }
  return [
    manifest,
    { fileName: 'manifest.sig', bytes: signature },
    textFile('manifest-signer.pem', toPemChain([request.signer.certificateDer])),
    textFile('manifest-chain.pem', toPemChain(request.chainDer)),
  ];
}
