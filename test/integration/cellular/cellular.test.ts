import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellularDriver } from '../../../core/link/cellular/cellularDriver.ts';
import { sameHex, xor16 } from '../../../core/link/cellular/checksum.ts';
import { fillIn, patternFor } from '../../../core/link/cellular/dialect.ts';
import { EspAt } from '../../../core/simulator/cellular/espAt.ts';
import {
  Quectel,
  SierraHl78,
  SimcomA76,
  SimcomSim70,
  Ublox,
} from '../../../core/simulator/cellular/families.ts';
import { CellularModule, defaultModule, type ModuleFamily } from '../../../core/simulator/cellular/module.ts';
import {
  failure,
  hastyTarget,
  leafAuthority,
  memoryPipe,
  openInMemory,
  openOnPort,
  plugIn,
  runCycle,
  type TargetJson,
  Transcript,
} from '../../support/familyBench.ts';

/** A shipped target, with short waits. */
const shipped = (name: string, change?: (json: TargetJson) => void) => hastyTarget(name, 500, change);

const families: readonly (readonly [string, () => ModuleFamily, string, string])[] = [
  ['ublox', () => new Ublox(), 'device-digest', '1/keyline-cert'],
  ['quectel', () => new Quectel(), 'read-back', 'keyline-cert.pem'],
  ['simcom-a76', () => new SimcomA76(), 'impossible', 'keyline-cert.pem'],
  ['simcom-sim70', () => new SimcomSim70(), 'read-back', 'keyline-cert.pem'],
  ['sierra-hl78', () => new SierraHl78(), 'length-only', '1,0'],
  ['esp-at', () => new EspAt(), 'read-back', 'client_cert/client_cert.0'],
];
const moduleOf = (family: ModuleFamily) => (send: (bytes: Uint8Array) => void) =>
  new CellularModule(family, defaultModule, send);
const pemOf = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END CERTIFICATE-----\n`;

const authority = leafAuthority();

describe.each(families)('%s', (name, makeFamily, check, certificateName) => {
  it('is provisioned over a pseudo-terminal, and checked as strongly as it can be', async () => {
    const family = makeFamily();
    const { portPath, unplug } = await plugIn(moduleOf(family));
    const transcript = new Transcript();
    const session = await openOnPort(cellularDriver, shipped(name), portPath, { transcript });
    try {
      const result = await runCycle(session, authority());
      expect(result.verifications.map((item) => item.check)).toEqual([check, check, check]);
      expect(Buffer.from(family.stored(certificateName) ?? []).toString('latin1')).toBe(
        pemOf(result.certificateDer),
      );
      const secret = result.privateKeyText ?? 'x';
      for (let start = 60; start + 16 <= secret.length - 40; start += 4) {
        expect(transcript.text).not.toContain(secret.slice(start, start + 16));
      }
    } finally {
      await session.close();
      unplug();
    }
  });

  it('replaces only when told to, and sees what is there', async () => {
    const family = makeFamily();
    const { pipe } = memoryPipe(moduleOf(family));
    const first = await openInMemory(cellularDriver, shipped(name), pipe);
    await runCycle(first, authority());
    await first.close();
    const session = await openInMemory(cellularDriver, shipped(name), memoryPipe(moduleOf(family)).pipe);
    expect((await session.identify()).occupied.map(({ item }) => item)).toEqual([
      'ca',
      'certificate',
      'privateKey',
    ]);
    const before = family.stored(certificateName);
    expect((await failure(runCycle(session, authority(), { replace: false }))).code).toBe('slot_taken');
    expect(family.stored(certificateName)).toBe(before);
    const again = await runCycle(session, authority(), { replace: true });
    expect(Buffer.from(family.stored(certificateName) ?? []).toString('latin1')).toBe(
      pemOf(again.certificateDer),
    );
  });

  it('notices another module at the second read', async () => {
    for (const moment of ['beforeInstall', 'beforeVerify'] as const) {
      const { pipe, device } = memoryPipe(moduleOf(makeFamily()));
      const session = await openInMemory(cellularDriver, shipped(name), pipe);
      const error = await failure(runCycle(session, authority(), { [moment]: () => device.swap() }));
      expect(error.code).toBe('device_changed');
    }
  });
});

describe('a module that went wrong', () => {
  it('finds content that changed after it was written', async () => {
    for (const [name, makeFamily, check] of families) {
      if (check !== 'read-back' && check !== 'device-digest') continue;
      const family = makeFamily();
      const session = await openInMemory(cellularDriver, shipped(name), memoryPipe(moduleOf(family)).pipe);
      const key = await authority().makeKey();
      const leaf = await authority().certify(key.publicKeySpki);
      const plan = session.plan({
        caDer: authority().caDer,
        chainDer: [leaf],
        privateKeyPkcs8: key.privateKeyPkcs8,
      });
      await session.install(plan, { replace: true, onProgress: () => {} });
      const certificateName = families.find(([other]) => other === name)?.[3] ?? '';
      const stored = family.stored(certificateName);
      stored?.set([0x41, 0x42, 0x43, 0x44], 100);
      expect((await failure(session.verify(plan))).code, name).toBe('verification_mismatch');
    }
  });

  it('is refused what is too large before anything is sent', async () => {
    const target = shipped('sierra-hl78');
    const session = await openInMemory(cellularDriver, target, memoryPipe(moduleOf(new SierraHl78())).pipe);
    expect(() =>
      session.checkFit({
        caDerSizeBytes: 2_400,
        certificateDerMaxSizeBytes: 400,
        privateKeyPkcs8SizeBytes: 138,
      }),
    ).toThrow(/credential_too_large/);
  });

  it('is found out when the line feed of a command becomes the first byte of the content', async () => {
    const target = shipped('quectel', (json) =>
      Object.assign(json.options as object, { terminator: 'crlf' }),
    );
    const session = await openInMemory(cellularDriver, target, memoryPipe(moduleOf(new Quectel())).pipe);
    expect((await failure(runCycle(session, authority()))).code).toBe('verification_mismatch');
  });

  it('says which command was refused and why', async () => {
    const target = shipped('ublox', (json) => {
      (json.options as { content: object }).content = { privateKey: 'pkcs8' };
    });
    const session = await openInMemory(cellularDriver, target, memoryPipe(moduleOf(new Ublox())).pipe);
    const error = await failure(runCycle(session, authority()));
    expect(error.code).toBe('device_refused');
    expect(error.details.reason).toBe('USECMNG invalid certificate/key format');
  });
});

describe('a dialect', () => {
  it('is refused with the place of its mistake', () => {
    const broken = (change: (json: TargetJson) => void) => () =>
      cellularDriver.checkTarget(shipped('quectel', change));
    expect(broken((json) => Object.assign(json.options as object, { wirte: {} }))).toThrow(/wirte/);
    expect(
      broken((json) => {
        (json.options as { list: { pattern: string } }).list.pattern = '(';
      }),
    ).toThrow(/options.list.pattern: must be a regular expression/);
    expect(
      broken((json) => {
        (json.options as { items: { ca: { name: string } } }).items.ca.name = 'a"b';
      }),
    ).toThrow(/options.items.ca.name/);
    // Found now, and not when the certificate has been signed.
    expect(
      broken((json) => {
        json.options.remove = { command: 'AT+QFDEL="{file}"' };
      }),
    ).toThrow(/options.items.ca: no value for \{file\}/);
  });

  it('fills commands in, and takes values literally in patterns', () => {
    expect(fillIn('AT+X="{name}",{size}', { name: 'a.pem', size: '5' })).toBe('AT+X="a.pem",5');
    expect(() => fillIn('AT+X={other}', {})).toThrow(/\{other\}/);
    const pattern = patternFor('^"{name}",(\\d{1,3})$', { name: 'a.pem' });
    expect(pattern.exec('"a.pem",12')?.[1]).toBe('12');
    expect(pattern.test('"aXpem",12')).toBe(false);
  });

  it('knows Quectel’s checksum, odd lengths and missing zeros included', () => {
    expect(xor16(Buffer.from('0102', 'hex'))).toBe('102');
    expect(xor16(Buffer.from('010203', 'hex'))).toBe('202');
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const twice = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
        expect(xor16(Buffer.concat([twice, twice]))).toBe('0');
      }),
    );
    expect(sameHex('00AF', 'af')).toBe(true);
    expect(sameHex('0', '0000')).toBe(true);
    expect(sameHex('1f', 'f1')).toBe(false);
    expect(createHash('md5').update('').digest('hex')).toHaveLength(32);
  });
});
