// Commands as they come in on a simulator's standard input, one line of JSON each.

import { createInterface } from 'node:readline';
import { commandSchema, type SimulatorCommand, type SimulatorEvent } from './protocol.ts';

/** Runs each; what is no command or fails is answered `rejected`. `onEnd`: the host is gone, and the device goes with it. */
export function listenForCommands(
  emit: (event: SimulatorEvent) => void,
  run: (command: SimulatorCommand) => Promise<void>,
  onEnd: () => void,
): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    void (async () => {
      await run(commandSchema.parse(JSON.parse(line)));
    })().catch((error: unknown) => emit({ event: 'rejected', ...idOf(line), message: String(error) }));
  });
  lines.on('close', onEnd);
}

/** The id of a command that was refused, where it has one. */
function idOf(line: string): { id?: number } {
  const id = /"id":(\d{1,15})/.exec(line)?.[1];
  return id === undefined ? {} : { id: Number(id) };
}
