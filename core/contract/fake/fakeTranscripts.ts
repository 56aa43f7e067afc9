// The fake's transcripts: the same lines for every run.

import type { StationMethods } from '../rpc/host.ts';
import { hexOf, pick } from './world.ts';

type Part = Pick<StationMethods, `inventory.${'transcript' | 'transcriptFile'}`>;

export const fakeTranscripts = (bornMs: number): Part => ({
  'inventory.transcriptFile': ({ runId }) => ({
    fileName: `${runId}.log`,
    mediaType: 'text/plain',
    base64: btoa('00000.001 > cred list\n'),
  }),
  'inventory.transcript': ({ search = '', offset, limit }) => {
    const texts: readonly ['to-device' | 'from-device' | 'note', string][] = [
      ['note', 'opened at 115200 baud, 8N1'],
      ['to-device', 'cred list'],
      ['from-device', 'sectag,type,sha,status\r\n0 credentials found.'],
      ['to-device', 'cred keygen 16842753'],
      ['from-device', '-----BEGIN CERTIFICATE REQUEST-----'],
      ['to-device', 'cred buf LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJyVENDQVZPZ0F3SUJBZ0lVVi9w'],
      ['from-device', 'Stored 48 bytes.'],
      ['note', 'private key: [secret, 121 bytes]'],
      ['to-device', 'cred add 16842753 CERT default bin'],
      ['from-device', 'Credential has been added.'],
      ['to-device', 'cred list'],
      ['from-device', `16842753,CERT,${hexOf(4, 4, 44)},0`],
    ];
    const lines = Array.from({ length: 96 }, (_, i) => {
      const [direction, text] = pick(texts, i);
      return { atMs: bornMs - 60_000 + i * 70, direction, text };
    }).filter(({ text }) => text.toLowerCase().includes(search.toLowerCase()));
    return { total: lines.length, lines: lines.slice(offset, offset + limit) };
  },
});
