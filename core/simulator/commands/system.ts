// Commands about the device itself: kernel, hardware information, logging, the login of an obscured shell, and two that
// only training firmware has (`noise`, `rawprint`) to make log lines appear.

import { EINVAL, EIO } from '../errno.ts';
import type { Command } from '../shell/command.ts';
import type { DeviceContext } from './context.ts';

function kernelCommand(device: DeviceContext): Command {
  const { terminal } = device;
  const reboot = (): number => {
    device.halt('reboot');
    return 0;
  };
  return {
    name: 'kernel',
    help: 'Kernel commands',
    subcommands: [
      {
        name: 'reboot',
        help: 'Reboot.',
        run: reboot,
        subcommands: [
          { name: 'cold', help: 'Cold reboot.', run: reboot },
          { name: 'warm', help: 'Warm reboot.', run: reboot },
        ],
      },
      {
        name: 'uptime',
        help: 'Kernel uptime. Can be called with the -p or --pretty options',
        mandatory: 1,
        optional: 1,
        run: ([, option]) => {
          if (option !== undefined) {
            terminal.print('red', `Unsupported option: ${option}\n`);
            return EIO;
          }
          terminal.write(`Uptime: ${Math.floor(device.uptimeUs() / 1_000)} ms\n`);
          return 0;
        },
      },
      {
        name: 'version',
        help: 'Kernel version.',
        run: () => {
          terminal.write(`Zephyr version ${device.options.firmwareVersion}\n`);
          return 0;
        },
      },
    ],
  };
}

function hardwareInformationCommand(device: DeviceContext): Command {
  let reads = 0;
  return {
    name: 'hwinfo',
    help: 'HWINFO commands',
    subcommands: [
      {
        name: 'devid',
        help: 'Show device id',
        mandatory: 1,
        run: () => {
          reads += 1;
          const other = reads > 1 ? device.faults().secondHardwareId : undefined;
          const id = other ?? device.hardwareId;
          device.terminal.write(`Length: ${id.length / 2}\nID: 0x${id}\n`);
          return 0;
        },
      },
    ],
  };
}

function logCommand(device: DeviceContext): Command {
  const subcommand = (name: string, help: string, on: boolean): Command => ({
    name,
    help,
    run: () => {
      device.setLogging(on);
      return 0;
    },
  });
  return {
    name: 'log',
    help: 'Commands for controlling logger',
    subcommands: [subcommand('go', 'Resume logging', true), subcommand('halt', 'Halt logging', false)],
  };
}

function trainingCommands(device: DeviceContext): readonly Command[] {
  return [
    {
      name: 'noise',
      help: 'Log a line every so many milliseconds; 0 stops.',
      mandatory: 2,
      run: ([, word = '']) => {
        if (!/^[0-9]{1,5}$/.test(word)) return EINVAL;
        device.setNoise(Number(word));
        return 0;
      },
    },
    {
      name: 'rawprint',
      help: 'Print a line past the shell.',
      mandatory: 1,
      run: () => {
        device.log({ level: 'raw', source: '', text: 'raw printk from shell thread' });
        return 0;
      },
    },
  ];
}

/** The command that an obscured shell starts with: each line is taken as the password. */
export function loginCommand(device: DeviceContext, password: string): Command {
  const { terminal } = device;
  return {
    name: 'login',
    help: 'Log in.',
    mandatory: 2,
    run: ([, word]) => {
      if (word !== password) {
        terminal.print('red', 'Incorrect password!\n');
        return EINVAL;
      }
      device.history.purge();
      terminal.obscured = false;
      terminal.prompt = device.options.prompt;
      device.tree().selected = undefined;
      return 0;
    },
  };
}

export function systemCommands(device: DeviceContext): readonly Command[] {
  return [
    kernelCommand(device),
    logCommand(device),
    ...trainingCommands(device),
    ...(device.options.hwinfo ? [hardwareInformationCommand(device)] : []),
  ];
}
