// A simulated device of any family behind a pseudo-terminal of this process: for the command line, benches and tests.

import type { LineDevice, MakeLineDevice } from '../lineDevice.ts';
import { loadPseudoTerminals } from './pseudoTerminal.ts';

export interface FamilyPort {
  readonly path: string;
  readonly device: LineDevice;
  /** The cable is pulled: the port disappears. */
  unplug(): Promise<void>;
}

/** Throws `port_failed` where there are no pseudo-terminals (Windows). */
export async function plugInFamily(make: MakeLineDevice): Promise<FamilyPort> {
  const openTerminal = await loadPseudoTerminals();
  const device: LineDevice = make((bytes) => terminal.write(bytes));
  const terminal = openTerminal((bytes) => device.receive(bytes));
  return {
    path: terminal.path,
    device,
    async unplug() {
      device.powerOff();
      await terminal.close();
    },
  };
}
