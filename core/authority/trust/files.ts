// What every export is made of: named bytes, and the CA material that they come from. Nothing here touches a disk.

import { Buffer } from 'node:buffer';
import { toPemChain } from '../../der/pem.ts';
import { crlSetPem } from '../revocation/crlSet.ts';

export interface ExportedFile {
  /** A plain file name, no folder. */
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** The certificates that a consumer is to trust, and the revocation lists where it is to check them. */
export interface TrustMaterial {
  readonly rootDer: Uint8Array;
  /** The issuing CAs below the root; while one takes over from another there are two. */
  readonly issuingDer: readonly Uint8Array[];
  /** Empty: the consumer does not check revocation. Else there must be a list for every CA above. */
  readonly crlsDer: readonly Uint8Array[];
  /** To refuse lists that have expired and CAs that are no longer valid. */
  readonly nowMs: number;
}

/** A device that is to be announced to a consumer. */
export interface ExportedDevice {
  readonly deviceSerial: string;
  readonly certificateDer: Uint8Array;
}

export const textFile = (fileName: string, text: string): ExportedFile => ({
  fileName,
  bytes: Buffer.from(text, 'utf8'),
});

/** JSON as a file, indented, with a newline at the end. */
export const jsonFile = (fileName: string, value: unknown): ExportedFile =>
  textFile(fileName, `${JSON.stringify(value, null, 2)}\n`);

/** Issuing CAs first, the root last: the order in which chains are sent. */
export const chainPem = ({ rootDer, issuingDer }: TrustMaterial): string =>
  toPemChain([...issuingDer, rootDer]);

/**
 * Root and issuing CAs, root first: with both in a server's CA file, devices may send their leaf alone; with the issuing
 * CA only, servers built on OpenSSL turn every device away.
 */
export const serverCaPem = ({ rootDer, issuingDer }: TrustMaterial): string =>
  toPemChain([rootDer, ...issuingDer]);

/** The lists as one file, or no file. Throws `chain_invalid` when one is missing or has expired. */
export function crlFiles(material: TrustMaterial, fileName: string): readonly ExportedFile[] {
  if (material.crlsDer.length === 0) return [];
  const chain = [...material.issuingDer, material.rootDer];
  return [textFile(fileName, crlSetPem(chain, material.crlsDer, material.nowMs))];
}

/** One field of a CSV line (RFC 4180); quoted where it must be. */
export const csvField = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

export const csvLine = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\n`;
