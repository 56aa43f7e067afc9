// A run that passed and one that failed, for what people and machines are shown of them.

import type { Paint } from '../../../cli/output/style.ts';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import type { RunId, Sha256Hex } from '../../../core/domain/ids.ts';
import type { RunResult } from '../../../core/station/events.ts';

export const plain: Paint = (_, text) => text;
export const deviceSerial = parseDeviceSerial('SN-1');
export const ofRun = { runId: 'run-1' as RunId, bayName: 'bay-1', deviceSerial };
export const passed: RunResult = {
  ...ofRun,
  portPath: '/dev/a',
  hardwareId: undefined,
  certificateSerial: '4'.repeat(40),
  custody: 'station-memory',
  outcome: 'pass',
  failedPhase: undefined,
  failure: undefined,
  askedAgainCount: 0,
  verification: (['ca', 'certificate'] as const).map((item) => ({
    item,
    check: 'device-digest',
    expectedSha256: 'a'.repeat(64) as Sha256Hex,
    actualSha256: 'a'.repeat(64) as Sha256Hex,
  })),
  handshake: {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    peerSubject: 'CN=SN-1',
    peerCertificateSha256: 'b'.repeat(64) as Sha256Hex,
    bytesFromDevice: 1,
    bytesToDevice: 2,
    durationMs: 12.4,
  },
  durationMs: 1_250,
};
export const failed: RunResult = {
  ...passed,
  outcome: 'fail',
  failedPhase: 'install',
  failure: { code: 'device_silent', details: { waitedMs: 3 } },
  verification: [],
  handshake: undefined,
};
