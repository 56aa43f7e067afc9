// A transport over a real serial port: opened exclusively, with the target's line settings.

import { realpath } from 'node:fs/promises';
import type { SerialPort } from 'serialport';
import { StationError } from '../../domain/stationError.ts';
import type { LineSettings } from '../../domain/target.ts';
import { throwIfAborted } from '../abort.ts';
import { type CloseReason, deviceGone, type Transport } from '../transport.ts';
import { nodeAt } from './attachment.ts';
import { openFailure } from './openFailure.ts';
import { watchPath } from './pathWatch.ts';
import type { PortLister } from './portInfo.ts';
import { listPorts } from './portList.ts';

export interface SerialTransportRequest {
  readonly portPath: string;
  readonly line: LineSettings;
  readonly signal: AbortSignal;
  /** Where the port's USB serial number is looked up. */
  readonly list?: PortLister;
}

/**
 * Opens a port. Errors: `port_missing`, `port_not_permitted`, `port_busy`, `port_failed`, or what aborted the signal. A
 * port that vanishes later closes the transport with `gone`.
 */
export async function openSerialTransport(request: SerialTransportRequest): Promise<Transport> {
  const { portPath, line, signal, list = listPorts } = request;
  throwIfAborted(signal);
  // The library takes an empty path for a programmer's mistake.
  if (portPath === '') throw new StationError('port_missing', { path: portPath });
  const port = await newPort({
    path: portPath,
    baudRate: line.baudRate,
    dataBits: line.dataBits,
    parity: line.parity,
    stopBits: line.stopBits,
    rtscts: line.flowControl === 'rts-cts',
    xon: line.flowControl === 'xon-xoff',
    xoff: line.flowControl === 'xon-xoff',
    lock: true,
    // Where the system's own setting allows it, closing leaves DTR as it is: a falling DTR resets many boards.
    hupcl: false,
    autoOpen: false,
  });
  const ended = watchClose(port);
  // Before it is opened: what is plugged in while it opens is another device.
  const node = await nodeAt(portPath);
  try {
    await call((done) => port.open(done));
  } catch (error) {
    throw await openFailure(portPath, error);
  }
  const stopWatching = watchPath(portPath, node, () => port.isOpen && port.close(() => {}));
  let closing = false;
  const closed = ended.then((): CloseReason => (closing ? 'here' : 'gone'));
  void closed.then(stopWatching);
  const transport: Transport = {
    portPath,
    usbSerialNumber: await usbSerialNumberOf(portPath, list),
    closed,
    control: {
      setSignals: (levels) => call((done) => port.set(levels, done)),
      setBaudRate: (baudRate) => call((done) => port.update({ baudRate }, done)),
    },
    async write(bytes) {
      if (!port.isOpen) throw deviceGone(portPath);
      await call((done) => {
        // A write to a port that vanished may never be answered.
        const onClose = (): void => done(deviceGone(portPath));
        port.once('close', onClose);
        const copy = Buffer.from(bytes);
        port.write(copy, (error) => {
          // It may be a key.
          copy.fill(0);
          port.off('close', onClose);
          done(error && !port.isOpen ? deviceGone(portPath) : error);
        });
      });
    },
    onData(listener) {
      port.on('data', listener);
      return () => port.off('data', listener);
    },
    async close() {
      closing = true;
      if (port.isOpen) await call((done) => port.close(done)).catch(() => undefined);
    },
  };
  try {
    throwIfAborted(signal);
    await setModemLines(port, line);
    return transport;
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** Not open yet. The library with its native part is loaded for the first port that is opened. */
async function newPort(options: ConstructorParameters<typeof SerialPort>[0]): Promise<SerialPort> {
  const library = await import('serialport');
  return new library.SerialPort(options);
}

/** A number that cannot be looked up is no reason not to talk to the device. */
async function usbSerialNumberOf(portPath: string, list: PortLister): Promise<string | undefined> {
  try {
    const path = process.platform === 'win32' ? portPath : await realpath(portPath);
    return (await list()).find((port) => port.path === path)?.usbSerialNumber;
  } catch {
    return undefined;
  }
}

/** DTR and RTS in one call, because a board may read the two as "reset" or "boot loader" when they change apart. */
async function setModemLines(port: SerialPort, line: LineSettings): Promise<void> {
  // With hardware flow control RTS belongs to the driver.
  const rts = line.flowControl === 'rts-cts' ? true : line.rts;
  // A pty has no modem lines and answers ENOTTY; a real port that fails here fails again at the first write.
  await call((done) => port.set({ dtr: line.dtr, rts }, done)).catch(() => undefined);
}

function watchClose(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    port.once('close', () => resolve());
    // Without a listener an error event would end the process; whoever waits learns of it by the close that follows.
    port.on('error', () => {});
  });
}

function call(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve()));
  });
}
