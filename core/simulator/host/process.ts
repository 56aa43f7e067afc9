// The process of one simulated device behind a pseudo-terminal. Its configuration is the first argument (JSON); it speaks
// lines of JSON on its standard streams and ends when its standard input does, so that no device outlives its host.

import { StationError } from '../../domain/stationError.ts';
import { Board } from '../board.ts';
import { connectWithStore } from '../connect.ts';
import { listenForCommands } from './commandLines.ts';
import { hostFamily } from './familyProcess.ts';
import { processConfigSchema, type SimulatorCommand, type SimulatorEvent } from './protocol.ts';
import { loadPseudoTerminals, type PseudoTerminal } from './pseudoTerminal.ts';

function emit(event: SimulatorEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

// The host is gone; its end of standard input says so too, and that ends the device.
process.stdout.on('error', () => undefined);

async function main(): Promise<void> {
  const config = processConfigSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  if (config.family !== undefined) {
    await hostFamily(config.family, config.statePath, emit);
    return;
  }
  const openTerminal = await loadPseudoTerminals();
  let terminal: PseudoTerminal | undefined;
  const board = new Board({
    options: config.device,
    statePath: config.statePath,
    host: {
      send: (bytes) => terminal?.write(bytes),
      onEvent: (event) => {
        if (event === 'vanished') void unplug();
        else emit({ event });
        if (event === 'crashed') void unplug();
        if (event === 'rebooting' && config.device.portAtReboot === 'changes') {
          void terminal?.close();
          emit({ event: 'plugged', path: openPort() });
        }
      },
    },
  });

  function openPort(): string {
    terminal = openTerminal((bytes) => board.receive(bytes));
    return terminal.path;
  }
  async function unplug(): Promise<void> {
    const pulled = terminal;
    terminal = undefined;
    board.powerOff();
    await pulled?.close();
    emit({ event: 'unplugged' });
  }
  /** The end of the process closes the port. */
  function stop(): never {
    board.powerOff();
    process.exit(0);
  }

  async function run(command: SimulatorCommand): Promise<void> {
    const { id } = command;
    switch (command.command) {
      case 'boot':
        emit({ event: 'booted', id, result: await connectWithStore(board.store, command, board.vault) });
        return;
      case 'unplug':
        if (terminal) await unplug();
        break;
      case 'plug': {
        const path = terminal?.path ?? openPort();
        board.powerOn();
        emit({ event: 'plugged', id, path });
        return;
      }
      case 'reboot':
        board.reboot();
        break;
      case 'noise':
        board.setNoise(command.intervalMs);
        break;
      case 'mode':
        board.mode = command.mode;
        break;
      case 'faults':
        board.setFaults(command.faults);
        break;
      case 'stop':
        stop();
    }
    emit({ event: 'done', id });
  }

  const path = openPort();
  listenForCommands(emit, run, stop);
  emit({ event: 'ready', path, hardwareId: board.hardwareId, build: config.device.build });
  board.powerOn();
}

main().catch((error: unknown) => {
  const code = error instanceof StationError ? error.code : 'value_invalid';
  emit({ event: 'failed', code, message: String(error) });
  process.exitCode = 1;
});
