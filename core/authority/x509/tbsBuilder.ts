// Encodes a to-be-signed certificate, once: these exact bytes are checked, stored, signed and sent. The issuer's name and
// the public key are copied as they are, because NSS, Go and wolfSSL compare names by their bytes.

import { AsnConvert } from '@peculiar/asn1-schema';
import { Extensions, Validity } from '@peculiar/asn1-x509';
import { explicit, integer, sequence, unsignedInteger } from '../../der/writer.ts';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { fromHex } from '../../domain/hex.ts';
import { buildExtensions, type ExtensionContent } from './extensions.ts';
import type { NameAttribute } from './name.ts';
import { encodeName } from './nameEncoder.ts';

export interface CertificateContent {
  readonly certificateSerial: CertificateSerial;
  /** The DER of the issuer's subject; undefined for a self-signed certificate. */
  readonly issuerNameDer: Uint8Array | undefined;
  readonly subject: readonly NameAttribute[];
  /** Whole seconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly publicKeySpki: Uint8Array;
  readonly extensions: ExtensionContent;
}

const VERSION_3 = 2;

/** The DER of the TBSCertificate (RFC 5280 4.1), for a signer with that algorithm. Throws `name_value_invalid` for a subject that cannot be written. */
export function buildToBeSigned(
  content: CertificateContent,
  { algorithmDer }: { readonly algorithmDer: Uint8Array },
): Uint8Array {
  const subject = encodeName(content.subject);
  const extensions = new Extensions([...buildExtensions(content.extensions, content.publicKeySpki)]);
  return sequence(
    explicit(0, integer(VERSION_3)),
    unsignedInteger(fromHex(content.certificateSerial)),
    algorithmDer,
    content.issuerNameDer ?? subject,
    // Validity writes UTCTime through 2049, GeneralizedTime from 2050, without fractions (RFC 5280 4.1.2.5).
    serialise(
      new Validity({ notBefore: new Date(content.notBeforeMs), notAfter: new Date(content.notAfterMs) }),
    ),
    subject,
    content.publicKeySpki,
    explicit(3, serialise(extensions)),
  );
}

const serialise = (value: object): Uint8Array => new Uint8Array(AsnConvert.serialize(value));
