// A station or its records, open for as long as a command needs them and closed however it ends.

import { openReadOnlyRecords, type ReadOnlyRecords } from '../../core/host/openRecords.ts';
import type { OpenedStation } from '../../core/host/openStation.ts';
import type { CommandContext } from '../context.ts';
import { listenForInterruption } from '../input/interruption.ts';
import { tellRecovery } from '../output/recovery.ts';
import { filePassphrase } from './filePort.ts';

interface StationRequest {
  /** Where its edge server listens; any free port of this computer unless told otherwise. */
  readonly edge?: { readonly host: string; readonly port: number };
  /** What Ctrl-C is answered with; the usual words if not given. */
  readonly onInterruption?: string;
}

/** Asks for the passphrase, opens the station and tells what recovery did; `signal` aborts at the first Ctrl-C. */
export async function withStation<T>(
  context: CommandContext,
  { edge, onInterruption }: StationRequest,
  body: (station: OpenedStation, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { output, folder, operatorName, profilesFolder } = context;
  const passphrase = await context.passphrase();
  // Authority, link and edge server: whoever only looks at the records waits for none of them.
  const { openStation } = await import('../../core/host/openStation.ts');
  const interruption = listenForInterruption((text) => output.say(onInterruption ?? text));
  try {
    const station = await output.during('Opening the station', () =>
      openStation({
        ...{ folder, passphrase, profilesFolder, operatorName, filePassphrase },
        ...(edge === undefined ? {} : { edge }),
      }),
    );
    try {
      tellRecovery(output, station.recovered);
      return await body(station, interruption.signal);
    } finally {
      output.settle();
      await station.close();
    }
  } finally {
    interruption.dispose();
  }
}

/** Opens the records to look at them; another Keyline may be writing meanwhile. */
export async function withRecords<T>(
  { folder }: Pick<CommandContext, 'folder'>,
  body: (records: ReadOnlyRecords) => Promise<T> | T,
): Promise<T> {
  const records = openReadOnlyRecords(folder);
  try {
    return await body(records);
  } finally {
    records.close();
  }
}
