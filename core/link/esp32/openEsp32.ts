// Connects to a chip's ROM loader and finds out which chip it is.

import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { DriverContext } from '../driver.ts';
import { Esp32Session } from './esp32Session.ts';
import { ChipLoader } from './loader/chipLoader.ts';
import { parseEsp32Options } from './options.ts';

/** A session with a chip in its loader. The caller closes the transport when this throws. */
export async function openEsp32({
  transport,
  target,
  transcript,
  signal,
}: DriverContext): Promise<DeviceSession> {
  const options = parseEsp32Options(target);
  const loader = new ChipLoader({
    transport,
    signal,
    romBaudRate: target.line.baudRate,
    flashBaudRate: transport.control === undefined ? target.line.baudRate : options.flashBaudRate,
    reset: options.reset,
    attempts: options.connectAttempts,
    stepMs: target.timeouts.answerMs,
    transcript,
  });
  try {
    return new Esp32Session(loader, await loader.connect(), {
      ...options,
      passwordSlot: target.passwordSlot,
    });
  } catch (error) {
    await loader.leave();
    throw error;
  }
}
