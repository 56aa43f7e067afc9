// A large batch at the speed of the disk: every certificate is the model's with another serial, so that no time goes into
// signing. Reservations and commits are the product's own.

import type { BatchSink } from '../../core/authority/batch/port.ts';
import { readCertificate } from '../../core/authority/x509/certificate.ts';
import { sha256Hex } from '../../core/der/fingerprint.ts';
import { fromHex } from '../../core/domain/hex.ts';

const BLOCK_SIZE = 1000;

/** Reserves and commits until the batch is whole. */
export function commitModelBatch(sink: Pick<BatchSink, 'reserve' | 'commit'>, modelDer: Uint8Array): void {
  const model = Buffer.from(modelDer);
  const { serialBytes, toBeSigned, notBeforeMs, notAfterMs } = readCertificate(model);
  const serialAt = model.indexOf(Buffer.from(serialBytes));
  const publicKeySha256 = sha256Hex(toBeSigned);
  for (;;) {
    const block = sink.reserve(BLOCK_SIZE);
    if (block.length === 0) return;
    const made = block.map(({ deviceSerial, certificateSerial }) => {
      const certificateDer = Buffer.from(model);
      certificateDer.set(fromHex(certificateSerial).subarray(0, serialBytes.length), serialAt);
      const certificateSha256 = sha256Hex(certificateDer);
      const names = { deviceSerial, certificateSerial, publicKeySha256, certificateSha256 };
      return { ...names, certificateDer, notBeforeMs, notAfterMs };
    });
    sink.commit(made, 0);
  }
}
