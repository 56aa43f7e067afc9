// The process of one device of another family than Zephyr's, behind a pseudo-terminal, with its state in a file.

import { StationError } from '../../domain/stationError.ts';
import { simulatedFamilies } from '../families.ts';
import { keptIn } from '../keptDevice.ts';
import type { LineDevice } from '../lineDevice.ts';
import { listenForCommands } from './commandLines.ts';
import type { SimulatorCommand, SimulatorEvent } from './protocol.ts';
import { loadPseudoTerminals, type PseudoTerminal } from './pseudoTerminal.ts';

/** Answers the commands that every device has: unplug, plug, reboot, stop. */
export async function hostFamily(
  { name, unit }: { readonly name: string; readonly unit: number },
  statePath: string | undefined,
  emit: (event: SimulatorEvent) => void,
): Promise<void> {
  const family = simulatedFamilies.find(({ targetName }) => targetName === name);
  if (family === undefined) {
    const known = simulatedFamilies.map(({ targetName }) => targetName).join(', ');
    throw new StationError('value_invalid', { field: 'family', value: name, reason: `one of ${known}` });
  }
  const openTerminal = await loadPseudoTerminals();
  let terminal: PseudoTerminal | undefined;
  const make = keptIn(statePath, family.newDevice(unit, statePath));
  const device: LineDevice = make((bytes) => terminal?.write(bytes));

  const openPort = (): string => {
    terminal = openTerminal((bytes) => device.receive(bytes));
    return terminal.path;
  };
  const stop = (): never => {
    device.powerOff();
    process.exit(0);
  };
  async function run(command: SimulatorCommand): Promise<void> {
    const { id } = command;
    switch (command.command) {
      case 'unplug':
        await terminal?.close();
        terminal = undefined;
        emit({ event: 'unplugged' });
        break;
      case 'plug':
        device.reboot();
        emit({ event: 'plugged', id, path: terminal?.path ?? openPort() });
        return;
      case 'reboot':
        device.reboot();
        break;
      case 'stop':
        stop();
        break;
      default:
        throw new StationError('value_invalid', {
          field: 'command',
          value: command.command,
          reason: 'not here',
        });
    }
    emit({ event: 'done', id });
  }
  const path = openPort();
  listenForCommands(emit, run, stop);
  emit({ event: 'ready', path, hardwareId: `${name} ${unit}`, build: name });
}
