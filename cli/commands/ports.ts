// keyline ports: what is plugged in.

import { Command } from 'commander';
import { listPorts } from '../../core/link/serial/portList.ts';
import { action, EXIT } from './shared.ts';

export const portsCommand = (): Command =>
  new Command('ports')
    .description('list the serial ports and what is plugged into them')
    .addHelpText('after', '\nExamples:\n  $ keyline ports\n  $ keyline --json ports\n')
    .action(
      action(async ({ output }) => {
        const ports = await listPorts();
        if (ports.length === 0) {
          output.say('No serial port is plugged in. Connect a device, or try: keyline simulate');
          return EXIT.ok;
        }
        output.table(
          'port',
          [
            { title: 'Port' },
            { title: 'USB serial number' },
            { title: 'Maker', spare: 1 },
            { title: 'USB id' },
          ],
          ports.map((port) => ({
            cells: [
              port.path,
              port.usbSerialNumber ?? '–',
              port.manufacturer ?? '–',
              port.vendorId === undefined ? '–' : `${port.vendorId}:${port.productId ?? ''}`,
            ],
            facts: port,
          })),
        );
        return EXIT.ok;
      }),
    );
