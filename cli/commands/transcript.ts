// keyline transcript: what went over the line in a run. Secrets were blacked out as it was written.

import { Command } from 'commander';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import type { RunId } from '../../core/domain/ids.ts';
import type { Run } from '../../core/domain/run.ts';
import { StationError } from '../../core/domain/stationError.ts';
import type { ReadOnlyRecords } from '../../core/host/openRecords.ts';
import { writeLines } from '../../core/host/outputFiles.ts';
import { readTranscript, searchTranscripts } from '../../core/inventory/transcripts/transcriptReader.ts';
import type { CommandContext } from '../context.ts';
import { withInterruption } from '../input/interruption.ts';
import { withRecords } from './opened.ts';
import { action, dateTime, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline transcript show SN-0001
  $ keyline transcript search "CME ERROR"
  $ keyline transcript search "cred list" --device SN-0001
  $ keyline transcript export SN-0001 --out sn-0001.log

In a transcript “>” went to the device, “<” came from it, “#” is a note; times are seconds since the run began.
`;

export const transcriptCommand = (): Command => {
  const transcript = new Command('transcript').description('what went over the line in each run');
  transcript.addHelpText('after', EXAMPLES);
  transcript
    .command('show')
    .description('show the transcript of a run, or of a device’s last run')
    .argument('<run-or-device>', 'a run’s id or a device serial')
    .action(
      action(async (context, which: string) => {
        const { run, text } = await transcriptOf(context, which);
        const head = `${run.runId}  ${run.deviceSerial}  ${dateTime(run.startedAtMs)}  ${run.outcome ?? 'open'}`;
        const facts = { runId: run.runId, deviceSerial: run.deviceSerial, transcript: text };
        context.output.result(
          'transcript',
          facts,
          `${context.output.paint('bold', head)}\n${text.trimEnd()}`,
        );
        return EXIT.ok;
      }),
    );
  transcript
    .command('search')
    .description('find the lines that hold a text')
    .argument('<text>')
    .option('--device <device-serial>', 'only this device’s runs')
    .option('--run <run-id>', 'only this run')
    .action(
      action((context, text: string, options: { device?: string; run?: string }) =>
        withRecords(context, async (records) => {
          const { output, folder } = context;
          let count = 0;
          for await (const found of searchTranscripts(folder.transcripts, runsFor(records, options), text)) {
            count += 1;
            const place = output.paint('dim', `${found.runId}:${found.lineNumber}`);
            output.result('transcript-line', found, `${place}  ${found.text}`);
          }
          if (count === 0) output.say('No line holds that.');
          return EXIT.ok;
        }),
      ),
    );
  transcript
    .command('export')
    .description('write a transcript to a file')
    .argument('<run-or-device>', 'a run’s id or a device serial')
    .requiredOption('--out <file>', 'where to')
    .action(
      action(async (context, which: string, options: { out: string }) => {
        const { run, text } = await transcriptOf(context, which);
        const sizeBytes = await withInterruption(context.output, () =>
          writeLines(options.out, [text], 0o600),
        );
        const facts = { file: options.out, runId: run.runId, sizeBytes };
        context.output.result('exported', facts, `${context.output.paint('green', '✔')} ${options.out}`);
        return EXIT.ok;
      }),
    );
  return transcript;
};

const transcriptOf = (context: CommandContext, which: string): Promise<{ run: Run; text: string }> =>
  withRecords(context, (records) => {
    const run = records.inventory.run(which as RunId) ?? lastRunOf(records, which);
    const text = readTranscript(context.folder.transcripts, run.runId);
    if (text === undefined) {
      throw new StationError('value_invalid', {
        field: 'run',
        value: run.runId,
        reason: 'no transcript was kept',
      });
    }
    return { run, text };
  });

function lastRunOf(records: ReadOnlyRecords, which: string): Run {
  const deviceSerial = parseDeviceSerial(which);
  const runs = records.inventory.deviceRecord(deviceSerial)?.runs;
  const last = runs?.[0];
  if (last === undefined) throw new StationError('device_unknown', { deviceSerial });
  return last;
}

function* runsFor(
  { inventory }: ReadOnlyRecords,
  options: { readonly device?: string; readonly run?: string },
): Generator<RunId, void, undefined> {
  if (options.run !== undefined) return yield options.run as RunId;
  if (options.device !== undefined) {
    const deviceSerial = parseDeviceSerial(options.device);
    const record = inventory.deviceRecord(deviceSerial);
    if (record === undefined) throw new StationError('device_unknown', { deviceSerial });
    return yield* record.runs.map(({ runId }) => runId);
  }
  for (const { device } of inventory.eachDevice({})) {
    for (const { runId } of inventory.deviceRecord(device.deviceSerial)?.runs ?? []) yield runId;
  }
}
