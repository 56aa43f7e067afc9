// Opens the conversation with Zephyr's TLS credentials shell and puts back in the end what was changed for it.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import { StationError } from '../../domain/stationError.ts';
import type { DriverContext } from '../driver.ts';
import { DeviceLock, type LockLine } from '../seal/deviceLock.ts';
import { withLock } from '../seal/sealing.ts';
import { LineSession } from '../session/lineSession.ts';
import { order } from './ask.ts';
import { parseZephyrOptions, type ZephyrOptions } from './options.ts';
import { meetCredentialShell, switchEcho, switchLog } from './probe.ts';
import { isBootBanner, isLogRow, isRingOverflow } from './replies.ts';
import { ZephyrSession, type ZephyrSessionParts } from './zephyrSession.ts';

/** What was changed on the device and has to be put back. */
interface Changes {
  echo: boolean;
  log: boolean;
}

/** A session with a credential shell whose keys are made here. */
export const openZephyr = (context: DriverContext): Promise<DeviceSession> =>
  openCredentialShell(
    context,
    parseZephyrOptions(context.target),
    async (parts) => new ZephyrSession({ ...parts, keyOnDevice: false }),
  );

/** Opens the conversation with a credential shell; `create` makes the session that its owner hands out. */
export async function openCredentialShell(
  context: DriverContext,
  options: ZephyrOptions,
  create: (parts: Omit<ZephyrSessionParts, 'keyOnDevice'>) => Promise<DeviceSession>,
): Promise<DeviceSession> {
  const watch = { ringOverflows: 0, logRows: 0, running: false };
  const line = new LineSession({
    transport: context.transport,
    transcript: context.transcript,
    clock: context.clock,
    signal: context.signal,
    answerMs: context.target.timeouts.answerMs,
    baudRate: context.target.line.baudRate,
    onRow: (row) => {
      if (isRingOverflow(row)) watch.ringOverflows += 1;
      if (isLogRow(row)) watch.logRows += 1;
      // The default store lives in RAM: a restart has emptied it.
      if (watch.running && isBootBanner(row)) throw new StationError('device_rebooted', {});
    },
  });
  const changes: Changes = { echo: false, log: false };
  try {
    line.windowBytes = options.windowBytes;
    await meetCredentialShell(line);
    watch.running = true;
    if (!line.echo) {
      await switchEcho(line, 'on');
      changes.echo = line.echo;
    }
    if (watch.logRows > 0) changes.log = await switchLog(line, 'halt');
    const lockLine: LockLine = {
      questions: line.questions,
      send: async (text) => (await order(line, { text })).rows,
    };
    const { seal } = options;
    const locked = seal !== undefined && (await new DeviceLock(seal, lockLine).isClosed());
    const session = await create({
      line,
      // Measuring puts something into the device's buffer, which a locked one refuses.
      options: locked ? { ...options, measureCredentialBuffer: false } : options,
      clock: context.clock,
      baudRate: context.target.line.baudRate,
      usbSerialNumber: context.transport.usbSerialNumber,
      ringOverflows: () => watch.ringOverflows,
      logHalted: changes.log,
      release: () => release(line, context, changes),
    });
    return withLock(session, seal, lockLine);
  } catch (error) {
    await putBack(line, changes);
    line.release();
    throw error;
  }
}

/** Leaves the shell as it was found and gives the port back. Bounded, and never throws. */
async function release(line: LineSession, context: DriverContext, changes: Changes): Promise<void> {
  await putBack(line, changes);
  line.release();
  await context.transport.close();
}

async function putBack(line: LineSession, changes: Changes): Promise<void> {
  try {
    line.outliveAbort();
    if (line.prompt !== '' && !line.idle) await line.interrupt({ settle: false });
    if (changes.log) await switchLog(line, 'go');
    if (changes.echo) await switchEcho(line, 'off');
  } catch {
    // The device is gone or mute: nothing more can be put back.
  }
}
