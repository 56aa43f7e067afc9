// The driver for Zephyr's TLS credentials shell (`cred`): opens the conversation and hands out a session.

import { StationError } from '../../domain/stationError.ts';
import type { Driver, DriverContext, DriverSession } from '../driver.ts';
import { learnEcho, learnPrompt } from '../session/greeting.ts';
import { LineSession } from '../session/lineSession.ts';
import { parseZephyrOptions } from './options.ts';
import { requireCredentialShell } from './probe.ts';
import { isBootBanner, isRingOverflow } from './replies.ts';
import { ZephyrSession } from './zephyrSession.ts';

export const zephyrDriver: Driver = {
  name: 'zephyr',
  checkTarget: (target) => void parseZephyrOptions(target),
  open: openZephyr,
};

async function openZephyr(context: DriverContext): Promise<DriverSession> {
  const options = parseZephyrOptions(context.target);
  const watch = { ringOverflows: 0, expectsSilence: false };
  const line = new LineSession({
    transport: context.transport,
    transcript: context.transcript,
    clock: context.clock,
    signal: context.signal,
    answerMs: context.target.timeouts.answerMs,
    baudRate: context.target.line.baudRate,
    onRow: (row) => {
      if (isRingOverflow(row)) watch.ringOverflows += 1;
      // The default store lives in RAM: a restart has emptied it.
      if (watch.expectsSilence && isBootBanner(row)) throw new StationError('device_rebooted', {});
    },
  });
  try {
    line.windowBytes = options.windowBytes;
    await learnPrompt(line);
    watch.expectsSilence = true;
    await learnEcho(line);
    const echoWasOff = !line.echo;
    if (echoWasOff) await switchEcho(line, 'on');
    await requireCredentialShell(line);
    return new ZephyrSession({
      line,
      options,
      clock: context.clock,
      usbSerialNumber: context.transport.usbSerialNumber,
      ringOverflows: () => watch.ringOverflows,
      release: () => release(line, context, echoWasOff && line.echo),
    });
  } catch (error) {
    line.release();
    throw error;
  }
}

/** Without echo nothing paces a long line. A build without the `shell` command stays as it is. */
async function switchEcho(line: LineSession, state: 'on' | 'off'): Promise<void> {
  await line.run({ text: `shell echo ${state}` });
  if (state === 'on') await learnEcho(line);
}

/** Leaves the shell as it was found: an empty line, the old echo setting. Bounded, and never throws. */
async function release(line: LineSession, context: DriverContext, restoreEcho: boolean): Promise<void> {
  try {
    await line.interrupt({ settle: false });
    if (restoreEcho) await switchEcho(line, 'off');
  } catch {
    // The device is gone, or the run was aborted: there is nothing left to put back.
  } finally {
    line.release();
    await context.transport.close();
  }
}
