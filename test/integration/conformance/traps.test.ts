// Traps of the wire protocols that need more than a swept situation: each is set here on purpose, and stepped over.

import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { readFinal } from '../../../core/link/at/atLine.ts';
import { xor16 } from '../../../core/link/cellular/checksum.ts';
import { nrf91Driver } from '../../../core/link/nrf91/nrf91Driver.ts';
import { zephyrDriver } from '../../../core/link/zephyr/zephyrDriver.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import { AtHost, defaultAtHost } from '../../../core/simulator/nrf91/atHost.ts';
import { defaultModem, Modem } from '../../../core/simulator/nrf91/modem.ts';
import { ZephyrDevice } from '../../../core/simulator/zephyrDevice.ts';
import {
  bareTarget,
  failure,
  leafAuthority,
  memoryPipe,
  openInMemory,
  remembering,
  runCycle,
} from '../../support/familyBench.ts';

const authority = leafAuthority();

describe('a final line', () => {
  it.each(['MIIBOK', 'OKAY', 'NOK', 'OK OK', 'aERRORb', 'ERROR:', '%CMNG: 1,0,"OK"', '> OK'])(
    'is not %s: PEM and names can spell anything',
    (line) => {
      expect(readFinal(line)).toBeUndefined();
    },
  );

  it('is a whole line', () => {
    expect(readFinal('OK')).toBe('ok');
    expect(readFinal('ERROR')).toEqual({ kind: 'error' });
    expect(readFinal('+CME ERROR: 527')).toMatchObject({ kind: 'cme', code: 527 });
    expect(readFinal('+CME ERROR: USECMNG invalid certificate/key format')).toMatchObject({
      code: undefined,
    });
  });
});

describe('Quectel’s checksum', () => {
  const amazon = rootCertificates.find((pem) =>
    pem.startsWith('-----BEGIN CERTIFICATE-----\nMIIDQTCCAimgAwIBAgITBmyfz5m'),
  );

  it.runIf(amazon !== undefined)('of a published log depends on the line ends', () => {
    // As it is published, 64 characters a line; Node wraps its own copy otherwise.
    const body = (amazon ?? '').replace(/-----[^-]+-----|\s/g, '').replace(/.{1,64}/g, '$&\n');
    const lf = `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`;
    const crlf = lf.replaceAll('\n', '\r\n');
    expect([lf.length, crlf.length]).toEqual([1_188, 1_208]);
    expect(xor16(Buffer.from(lf))).toBe('2d13');
    expect(xor16(Buffer.from(crlf))).toBe('5769');
  });

  it('is weak: swapped words pass, which is why the content is read back', () => {
    expect(xor16(Buffer.from('aabbccdd', 'hex'))).toBe(xor16(Buffer.from('ccddaabb', 'hex')));
  });
});

/** An nRF91 of which everything heard and said is seen, and which may do something of its own at a command. */
function modemWith(atCommand: (command: string, modem: Modem) => void = () => {}) {
  const modem = new Modem(defaultModem);
  const heard: string[] = [];
  let waiting = 0;
  let mostWaiting = 0;
  const make: MakeLineDevice = (send) => {
    const host = new AtHost(modem, defaultAtHost, (bytes) => {
      if (/(?:^|\n)(?:OK|ERROR|\+CME ERROR: \d+)\r?\n/.test(Buffer.from(bytes).toString('latin1')))
        waiting -= 1;
      send(bytes);
    });
    return {
      reboot: () => host.reboot(),
      swap: () => host.swap(),
      powerOff: () => host.powerOff(),
      receive(bytes) {
        const text = Buffer.from(bytes).toString('latin1');
        heard.push(text);
        waiting += 1;
        mostWaiting = Math.max(mostWaiting, waiting);
        atCommand(text, modem);
        host.receive(bytes);
      },
    };
  };
  return { make, heard, mostWaiting: () => mostWaiting };
}

describe('an nRF91', () => {
  const target = bareTarget('nrf91', 1_500);

  it('is never sent a command while it works on another one: its receiver is off then', async () => {
    const { make, heard, mostWaiting } = modemWith();
    const session = await openInMemory(nrf91Driver, target, memoryPipe(make).pipe);
    await runCycle(session, authority());
    await session.close();
    expect(heard.length).toBeGreaterThan(10);
    expect(mostWaiting()).toBe(1);
  });

  it('is asked for numbers in its refusals before anything else is asked', async () => {
    const { make, heard } = modemWith();
    const session = await openInMemory(nrf91Driver, target, memoryPipe(make).pipe);
    const verbose = heard.findIndex((text) => text.startsWith('AT+CMEE=1'));
    expect(verbose).toBeGreaterThanOrEqual(0);
    expect(heard.slice(0, verbose).every((text) => /CGSN/.test(text))).toBe(true);
    await session.close();
  });

  it('whose application switches it on again in the middle is named as the cause', async () => {
    const { make } = modemWith((command, modem) => {
      if (command.startsWith('AT%CMNG=0,')) modem.execute('AT+CFUN=1');
    });
    const session = await openInMemory(nrf91Driver, target, memoryPipe(make).pipe);
    const error = await failure(runCycle(session, authority()));
    expect(error.code).toBe('device_refused');
    expect(error.details).toMatchObject({ cmeCode: 518, meaning: 'modem-active' });
    await session.close();
  });

  it('keeps its mode: what was on the air is on the air again afterwards', async () => {
    const { make, heard } = modemWith();
    const session = await openInMemory(nrf91Driver, target, memoryPipe(make).pipe);
    await runCycle(session, authority());
    await session.close();
    const modes = heard.filter((text) => text.startsWith('AT+CFUN=')).map((text) => text.trim());
    expect(modes).toEqual(['AT+CFUN=4', 'AT+CFUN=4', 'AT+CFUN=1']);
  });
});

describe('a Zephyr credential shell', () => {
  const lines = (heard: readonly Uint8Array[]): string => Buffer.concat(heard).toString('latin1');

  it.each(['default', 'big'] as const)(
    'of a %s build gets no LF, and raw mode is never begun',
    async (build) => {
      const heard: Uint8Array[] = [];
      const { make } = remembering((send) => new ZephyrDevice({ build, lineRate: 1_000_000 }, send));
      const { pipe } = memoryPipe(make);
      const listening = {
        ...pipe,
        write(bytes: Uint8Array) {
          heard.push(Uint8Array.from(bytes));
          pipe.write(bytes);
        },
      };
      const session = await openInMemory(zephyrDriver, bareTarget('zephyr', 3_000), listening);
      await runCycle(session, authority());
      await session.close();
      // A LF after `cred buf load` would be the first byte of the credential.
      expect(lines(heard)).not.toContain('\n');
      expect(lines(heard)).not.toMatch(/buf load/);
    },
  );

  it('shows the client certificate under another name than it was given', async () => {
    const { make, made } = remembering((send) => new ZephyrDevice({ lineRate: 1_000_000 }, send));
    const session = await openInMemory(zephyrDriver, bareTarget('zephyr', 3_000), memoryPipe(make).pipe);
    const { verifications } = await runCycle(session, authority());
    expect(verifications.map(({ item }) => item)).toContain('certificate');
    expect(made().board.store?.get(1, 'SERVER_CERT')).toBeDefined();
    await session.close();
  });
});
