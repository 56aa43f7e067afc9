// The record of a ceremony as plain text to print: what was made, its fingerprint in groups that two people can read aloud,
// and lines to sign on.

import type { CertificateDescription } from '../../core/authority/x509/describeCertificate.ts';

const grouped = (hex: string): string => (hex.match(/.{8}/g) ?? []).join(' ');

/** One certificate; with `operatorName`, who made it and when. */
export function certificateRecord(
  title: string,
  facts: CertificateDescription,
  operatorName: string | undefined,
): readonly string[] {
  const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
  return [
    title,
    `  Name           ${facts.subject}`,
    `  Signed by      ${facts.issuer}`,
    `  Serial         ${facts.certificateSerial}`,
    `  Valid          ${day(facts.notBeforeMs)} to ${day(facts.notAfterMs)}`,
    `  SHA-256        ${grouped(facts.sha256).slice(0, 35)}`,
    `                 ${grouped(facts.sha256).slice(36)}`,
    ...(operatorName === undefined ? [] : [`  Made by        ${operatorName}, ${new Date().toISOString()}`]),
  ];
}

export const recordText = (lines: readonly string[]): string =>
  `${[...lines, '', 'First person  ______________________   Second person  ______________________'].join('\n')}\n`;
