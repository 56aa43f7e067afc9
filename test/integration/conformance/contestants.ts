// The drivers that the conformance suite runs, each with its simulated device. A new driver joins by being listed here.

import { createHash } from 'node:crypto';
import type { Target } from '../../../core/domain/target.ts';
import { cellularDriver } from '../../../core/link/cellular/cellularDriver.ts';
import type { Driver } from '../../../core/link/driver.ts';
import { esp32Driver } from '../../../core/link/esp32/esp32Driver.ts';
import { findEntry, readSecureCertImage, TLV_TYPES } from '../../../core/link/esp32/image/secureCertImage.ts';
import { freertosDriver } from '../../../core/link/freertos/freertosDriver.ts';
import { micropythonDriver } from '../../../core/link/micropython/micropythonDriver.ts';
import { nrf91Driver } from '../../../core/link/nrf91/nrf91Driver.ts';
import { nrfCloudDriver } from '../../../core/link/nrfCloud/nrfCloudDriver.ts';
import { smpDriver } from '../../../core/link/smp/smpDriver.ts';
import { zephyrDriver } from '../../../core/link/zephyr/zephyrDriver.ts';
import type { BuildName } from '../../../core/simulator/build.ts';
import { EspAt } from '../../../core/simulator/cellular/espAt.ts';
import {
  Quectel,
  SierraHl78,
  SimcomA76,
  SimcomSim70,
  Ublox,
} from '../../../core/simulator/cellular/families.ts';
import { CellularModule, defaultModule, type ModuleFamily } from '../../../core/simulator/cellular/module.ts';
import { Chip, defaultChip } from '../../../core/simulator/esp32/chip.ts';
import { defaultFreertos, FreertosDevice } from '../../../core/simulator/freertos/device.ts';
import type { LineDevice, MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import { defaultBoard, MicropythonBoard } from '../../../core/simulator/micropython/board.ts';
import {
  defaultSmallInterpreter,
  SmallInterpreter,
} from '../../../core/simulator/micropython/smallInterpreter.ts';
import { AtHost, defaultAtHost } from '../../../core/simulator/nrf91/atHost.ts';
import { AtShell, defaultAtShell } from '../../../core/simulator/nrf91/atShell.ts';
import { defaultModem, Modem } from '../../../core/simulator/nrf91/modem.ts';
import { defaultSmpDevice, SmpDevice } from '../../../core/simulator/smp/device.ts';
import { ZephyrDevice } from '../../../core/simulator/zephyrDevice.ts';
import { hastyTarget, remembering } from '../../support/familyBench.ts';

/** One device, and a look behind its line: the certificate that it really holds, as DER, and its password where it has a place. */
export interface Subject {
  readonly make: MakeLineDevice;
  heldCertificate(): Uint8Array | undefined;
  heldPassword?(): Uint8Array | undefined;
}

export interface Contestant {
  readonly name: string;
  readonly driver: Driver;
  readonly target: Target;
  /** `full`: a device with no room left, where a family can run out of it. */
  newSubject(full?: boolean): Subject;
  /** A byte that stands in none of its answers. */
  readonly foreignByte: number;
  /** Overwrites a partition of its own: there is always room, or never any. */
  readonly neverFull?: boolean;
}

/** In no text that a device says. */
const FOREIGN = 0xff;
/** Long enough for a loaded computer to schedule both ends of a pseudo-terminal. */
const ANSWER_MS = 2_000;

/** A shipped target with short waits, the one after a data phase among them. */
const shippedTarget = (name: string, answerMs: number, options: Record<string, unknown> = {}): Target =>
  hastyTarget(name, answerMs, (json) => {
    const { write } = json.options;
    if (typeof write === 'object') Object.assign(write ?? {}, { silenceMs: ANSWER_MS });
    Object.assign(json.options, options);
  });

const derOf = (stored: Uint8Array | undefined): Uint8Array | undefined => {
  if (stored === undefined) return undefined;
  const text = Buffer.from(stored).toString('latin1');
  return text.startsWith('-----')
    ? Buffer.from(text.replace(/-----[^-]+-----|\s|\0/g, ''), 'base64')
    : stored;
};

const lineDeviceOf = (device: LineDevice): LineDevice => ({
  receive: (bytes) => device.receive(bytes),
  reboot: () => device.reboot(),
  swap: () => device.swap(),
  powerOff: () => device.powerOff(),
});

const zephyr = (name: string, driver: Driver, build: BuildName, securityTag: number): Contestant => ({
  name,
  driver,
  foreignByte: FOREIGN,
  target: shippedTarget(name, ANSWER_MS),
  newSubject(full = false) {
    const { make, made } = remembering((send) => new ZephyrDevice({ build, lineRate: 1_000_000 }, send));
    const makeFull: MakeLineDevice = (send) => {
      const device = make(send);
      return {
        ...lineDeviceOf(device),
        receive(bytes) {
          // What the firmware itself keeps there, from its start on.
          for (const tag of [901, 902, 903, 904]) {
            device.board.store?.add({ tag, type: 'CA_CERT', bytes: Uint8Array.of(1, 2, 3, 4) });
          }
          device.receive(bytes);
        },
      };
    };
    return {
      make: full ? makeFull : make,
      heldCertificate: () => derOf(made().board.store?.get(securityTag, 'SERVER_CERT')?.bytes),
    };
  },
});

const nrf91 = (name: string, make: (modem: Modem) => MakeLineDevice, options = {}): Contestant => ({
  name,
  driver: nrf91Driver,
  foreignByte: FOREIGN,
  target: shippedTarget('nrf91', ANSWER_MS, { keygenMs: ANSWER_MS, ...options }),
  newSubject(full = false) {
    // A key that it makes itself has room, the certificates have not.
    const modem = new Modem({ ...defaultModem, capacity: full ? 1 : defaultModem.capacity });
    return {
      make: make(modem),
      heldCertificate: () => {
        const text = /-----BEGIN[^"]*/.exec(modem.execute('AT%CMNG=2,16842753,1'))?.[0];
        return text === undefined ? undefined : derOf(Buffer.from(text, 'latin1'));
      },
    };
  },
});

const cellular = (name: string, newFamily: () => ModuleFamily, certificateName: string): Contestant => ({
  name,
  driver: cellularDriver,
  foreignByte: FOREIGN,
  target: shippedTarget(name, ANSWER_MS),
  newSubject(full = false) {
    const family = newFamily();
    return {
      make: (send) => new CellularModule(family, { ...defaultModule, full }, send),
      heldCertificate: () => derOf(family.stored(certificateName)),
    };
  },
});

const esp32: Contestant = {
  name: 'esp32-secure-cert',
  driver: esp32Driver,
  // A mark in the middle of a frame.
  foreignByte: 0xc0,
  target: shippedTarget('esp32-secure-cert', 2_500, { connectAttempts: 2 }),
  neverFull: true,
  newSubject() {
    const { make, made } = remembering((send) => new Chip(defaultChip, send));
    return {
      make,
      heldCertificate: () => {
        const partition = made().flash.read(0xd000, 0x2000);
        try {
          return derOf(findEntry(readSecureCertImage(partition), TLV_TYPES.certificate)?.data);
        } catch {
          return undefined;
        }
      },
    };
  },
};

const micropython: Contestant = {
  name: 'micropython',
  driver: micropythonDriver,
  foreignByte: FOREIGN,
  target: shippedTarget('micropython', ANSWER_MS),
  newSubject(full = false) {
    const capacityBytes = full ? 600 : defaultSmallInterpreter.capacityBytes;
    const interpreter = new SmallInterpreter({ ...defaultSmallInterpreter, capacityBytes });
    return {
      make: (send) => new MicropythonBoard(interpreter, defaultBoard, send),
      heldCertificate: () => derOf(interpreter.files.get('/cert.der')),
      heldPassword: () => interpreter.files.get('/password'),
    };
  },
};

const mcumgr: Contestant = {
  name: 'mcumgr',
  driver: smpDriver,
  foreignByte: FOREIGN,
  target: shippedTarget('mcumgr', ANSWER_MS),
  newSubject(full = false) {
    const { make, made } = remembering((send) => new SmpDevice({ ...defaultSmpDevice, full }, send));
    return {
      make,
      heldCertificate: () => derOf(made().files.get('/lfs1/credentials/crt.der')),
      heldPassword: () => made().files.get('/lfs1/credentials/password'),
    };
  },
};

const freertos: Contestant = {
  name: 'freertos-pki',
  driver: freertosDriver,
  foreignByte: FOREIGN,
  target: shippedTarget('freertos-pki', ANSWER_MS, { keygenMs: ANSWER_MS }),
  newSubject(full = false) {
    const { make, made } = remembering((send) => new FreertosDevice({ ...defaultFreertos, full }, send));
    return {
      make,
      heldCertificate: () => {
        const text = made().certificates.get('tls_cert');
        return text === undefined ? undefined : derOf(Buffer.from(text, 'latin1'));
      },
    };
  },
};

export const contestants: readonly Contestant[] = [
  zephyr('zephyr-shell', zephyrDriver, 'default', 1),
  zephyr('nrf-cloud-cred', nrfCloudDriver, 'nrf-cloud-cred', 16_842_753),
  nrf91('nrf91 at_host', (modem) => (send) => new AtHost(modem, defaultAtHost, send)),
  nrf91('nrf91 AT shell', (modem) => (send) => new AtShell(modem, defaultAtShell, send), {
    shellLineLimitBytes: 2_047,
  }),
  esp32,
  micropython,
  mcumgr,
  freertos,
  cellular('ublox', () => new Ublox(), '1/keyline-cert'),
  cellular('quectel', () => new Quectel(), 'keyline-cert.pem'),
  cellular('simcom-a76', () => new SimcomA76(), 'keyline-cert.pem'),
  cellular('simcom-sim70', () => new SimcomSim70(), 'keyline-cert.pem'),
  cellular('sierra-hl78', () => new SierraHl78(), '1,0'),
  cellular('esp-at', () => new EspAt(), 'client_cert/client_cert.0'),
];

export const sha256 = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
