// What a certificate of this run will say, decided by the authority and checked to fit the device.

import type { PreparedCertificate } from '../../domain/certificate.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import { StationError } from '../../domain/stationError.ts';
import { type RunContext, reservedParts } from './context.ts';
import { passwordSizes } from './password.ts';

/** Decides every byte to be signed; throws what the authority or the device's limits say against it. */
export function decideContent(
  context: RunContext,
  session: DeviceSession,
  key: { readonly publicKeySpki: Uint8Array; readonly privateKeyPkcs8SizeBytes: number },
): PreparedCertificate {
  const { ports, request } = context;
  const { credentialId } = reservedParts(context);
  const credential = ports.inventory.credential(credentialId);
  if (credential === undefined) throw new StationError('credential_unknown', { credentialId });
  const device = ports.inventory.device(request.deviceSerial);
  const prepared = ports.authority.prepare(
    {
      profile: request.profile,
      certificateSerial: credential.certificateSerial,
      publicKeySpki: key.publicKeySpki,
      values: {
        deviceSerial: request.deviceSerial,
        site: request.site,
        ...(device?.hardwareId === undefined ? {} : { hardwareId: device.hardwareId }),
        ...(request.orderName === undefined ? {} : { order: request.orderName }),
      },
    },
    ports.inventory.newestIssuedAtMs(),
  );
  session.checkFit({
    caDerSizeBytes: ports.authority.rootDer.length,
    certificateDerMaxSizeBytes: prepared.maxCertificateSizeBytes,
    privateKeyPkcs8SizeBytes: key.privateKeyPkcs8SizeBytes,
    password: passwordSizes(request),
  });
  return prepared;
}
