// npm run demo: the main job from an empty folder to devices that hold verified credentials, with nothing to install and
// nothing plugged in. Ends with an error status if anything is not as it should be.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asStationError } from '../../core/domain/stationError.ts';
import { EXIT, exitCodeOf } from '../exitCodes.ts';
import { listenForInterruption } from '../input/interruption.ts';
import { createOutput } from '../output/output.ts';
import { startFleet, startInProcess } from './fleet.ts';
import { runDemo } from './runDemo.ts';

const output = createOutput(process, process.argv.includes('--json'));
const start = process.argv.includes('--in-process') ? startInProcess : startFleet;
const interruption = listenForInterruption(() => output.say('Ending the demo.'));
try {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-demo-'));
  const asExpected = await runDemo({ folder, output, signal: interruption.signal, start });
  process.exitCode = asExpected ? EXIT.ok : EXIT.deviceFailed;
} catch (thrown) {
  output.failure(thrown);
  process.exitCode = exitCodeOf(asStationError(thrown));
} finally {
  interruption.dispose();
}
