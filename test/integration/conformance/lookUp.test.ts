// What writes is given once. Where noise garbled its reply the device is asked what came of it: what stands there byte for byte
// was written, whatever else stands there was not.

import { describe, expect, it } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { failure, leafAuthority, runCycle } from '../../support/familyBench.ts';
import { afterSending, behindNoise, FOREIGN } from './behindNoise.ts';
import { sha256 } from './contestants.ts';

const authority = leafAuthority();
const inside = (session: DeviceSession) => runCycle(session, authority());
const atStation = (session: DeviceSession) => runCycle(session, authority(), { custody: 'station-memory' });

const OK = { find: '\nO', change: FOREIGN, times: 1 };
/** The shell breaks its echo into rows, of which one may begin with an O. */
const SHELL_OK = { ...OK, find: '\r\n\r\nO' };
const MARKS = { find: '\x04\x04', change: FOREIGN, times: 1 };
const FRAME = { find: '\x06\x09', change: FOREIGN, times: 1 };
const PROMPT = { find: '\n>', change: FOREIGN, times: 1 };
const SHOWN = { find: '-----BEGIN PUBLIC', change: FOREIGN, times: 1 };

const CERTIFICATE = /^to-device AT%CMNG=0,16842753,1,/;
const PIECE = /^to-device w\(b'…'\) # 256 bytes of certificate/;

describe.concurrent('a garbled reply to a write', () => {
  it.each([
    ['nrf91 at_host', inside, OK, CERTIFICATE, 1, 'writing certificate'],
    ['nrf91 at_host', atStation, OK, /^to-device AT%CMNG=0,16842753,2,/, 1, 'writing privateKey'],
    ['nrf91 at_host', atStation, OK, /^to-device AT\+CFUN=4/, 1, 'AT+CFUN=4'],
    ['nrf91 AT shell', inside, SHELL_OK, CERTIFICATE, 1, 'writing certificate'],
    ['mcumgr', atStation, FRAME, /^to-device file write 0 \S+key\.der/, 1, 'writing privateKey'],
    ['micropython', atStation, MARKS, PIECE, 1, "w(b'…') # 256 bytes of certificate"],
    ['micropython', atStation, MARKS, /^to-device f\.close/, 3, 'writing ca'],
    ['freertos-pki', inside, PROMPT, /^to-device pki import cert root_ca_cert/, 1, 'writing ca'],
    ['freertos-pki', inside, SHOWN, /^to-device pki generate key/, 1, 'pki generate key '],
  ] as const)(
    '%s: what was written stands there, and the run goes on',
    async (name, cycle, noise, sent, times, asked) => {
      const { run, transcript, subject } = behindNoise(name, noise, afterSending(sent));
      const { certificateDer } = await run(cycle);
      expect(sha256(subject.heldCertificate())).toBe(sha256(certificateDer));
      expect(transcript.asked).toEqual([
        { question: expect.stringContaining(`what came of ${asked}`), reason: expect.any(String) },
      ]);
      expect(transcript.text).toContain(`: what came of ${asked}`);
      expect(transcript.rows.filter((row) => sent.test(row))).toHaveLength(times);
    },
  );

  it('to one of several pieces ends the run: what stands there is no whole file', async () => {
    const piece = /^to-device file write 0 \S+ca\.der/;
    const { run, transcript } = behindNoise('mcumgr', FRAME, afterSending(piece));
    expect((await failure(run(atStation))).code).toBe('device_silent');
    expect(transcript.rows.filter((row) => piece.test(row))).toHaveLength(1);
    expect(transcript.asked).toMatchObject([{ question: 'what came of writing ca' }]);
  });

  it('of a module that may still wait for bytes ends the run: it would take a question for content', async () => {
    const noise = { find: '+QFUPL', change: FOREIGN, times: 1 };
    const { run, transcript } = behindNoise('quectel', noise);
    expect((await failure(run(atStation))).code).toMatch(/^device_(?:silent|answer_invalid)$/);
    expect(transcript.asked).toEqual([]);
  });
});
