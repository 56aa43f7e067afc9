// PKCS#10 requests made by hand, so that a test can get any of their fields wrong on purpose.

import { type KeyObject, sign } from 'node:crypto';
import { signatureSchemeOf } from '../../core/authority/signing/signer.ts';
import { OID } from '../../core/der/oids.ts';
import { bitString, element, explicit, integer, oid, sequence } from '../../core/der/writer.ts';
import { extensionDer, name, type TestExtension, type TestKey } from './testAuthority.ts';

export interface TestRequest {
  readonly key: TestKey;
  readonly subjectDer?: Uint8Array;
  readonly extensions?: readonly TestExtension[];
  readonly signingKey?: KeyObject;
  readonly version?: number;
}

export function requestDer(request: TestRequest): Uint8Array {
  const signingKey = request.signingKey ?? request.key.privateKey;
  const { digest, algorithmDer } = signatureSchemeOf(signingKey);
  const attribute =
    request.extensions === undefined
      ? []
      : [
          sequence(
            oid(OID.extensionRequest),
            element(0x31, sequence(...request.extensions.map(extensionDer))),
          ),
        ];
  const info = sequence(
    integer(request.version ?? 0),
    request.subjectDer ?? name('SN-1', 'Acme'),
    request.key.spki,
    explicit(0, ...attribute),
  );
  return sequence(info, algorithmDer, bitString(sign(digest ?? null, info, signingKey)));
}
