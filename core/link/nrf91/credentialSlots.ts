// The modem's credential store as AT%CMNG shows it: one security tag, one entry for each type, each with its SHA-256.

import type { CertificateItem } from '../../domain/credential.ts';
import type { SlotItem } from '../../domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../domain/ids.ts';

/** Types of the AT%CMNG command. */
export const CMNG_TYPES: Readonly<Record<CertificateItem, number>> = { ca: 0, certificate: 1, privateKey: 2 };

const ROW = /^%CMNG:\s*(\d+),\s*(\d+),\s*"([0-9A-Fa-f]{64})"/;

/** Whether every row of a list is one: a damaged one would be missed. */
export const isList = (lines: readonly string[]): boolean =>
  lines.every((line) => !line.startsWith('%CMNG:') || ROW.test(line));

/** What stands under `securityTag`; rows of other tags and types, and anything else, are left out. */
export function readSlots(
  lines: readonly string[],
  securityTag: number,
): readonly SlotItem<CertificateItem>[] {
  const items: SlotItem<CertificateItem>[] = [];
  for (const line of lines) {
    const [, tag, type, digest] = ROW.exec(line) ?? [];
    if (Number(tag) !== securityTag || digest === undefined) continue;
    const item = (Object.keys(CMNG_TYPES) as CertificateItem[]).find(
      (name) => CMNG_TYPES[name] === Number(type),
    );
    if (item !== undefined) items.push({ item, sha256: digest.toLowerCase() as Sha256Hex });
  }
  return items.sort((a, b) => CMNG_TYPES[a.item] - CMNG_TYPES[b.item]);
}

/** What a +CME ERROR of the credential store means, as a fact for the words of an interface. */
export const CME_MEANINGS: Readonly<Record<number, string>> = {
  0: 'not-supported-by-firmware',
  50: 'bad-parameters',
  513: 'not-found',
  514: 'access-not-allowed',
  515: 'store-full',
  518: 'modem-active',
  519: 'already-exists',
  523: 'key-generation-failed',
  527: 'content-rejected',
  528: 'supply-voltage',
  529: 'claim-token',
};
export const CME_NOT_FOUND = 513;
export const CME_STORE_FULL = 515;
