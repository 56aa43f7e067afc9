// The shell's own commands: `shell`, `history`, `retval`, `clear`, `help`.

import { EINVAL } from '../errno.ts';
import type { Command } from '../shell/command.ts';
import type { DeviceContext } from './context.ts';

/** A pair of subcommands `off` and `on`. */
function toggle(offHelp: string, onHelp: string, set: (on: boolean) => void): readonly Command[] {
  const subcommand = (name: string, help: string, on: boolean): Command => ({
    name,
    help,
    mandatory: 1,
    run: () => {
      set(on);
      return 0;
    },
  });
  return [subcommand('off', offHelp, false), subcommand('on', onHelp, true)];
}

function shellCommand(device: DeviceContext): Command {
  const { terminal } = device;
  return {
    name: 'shell',
    help: 'Useful, not Unix-like shell commands.',
    subcommands: [
      {
        name: 'backends',
        help: 'List active shell backends.',
        mandatory: 1,
        run: () => {
          terminal.write(`Active shell backends:\n   0. :${terminal.prompt} (shell_uart)\n`);
          return 0;
        },
      },
      {
        name: 'colors',
        help: 'Toggle colored syntax.',
        subcommands: toggle('Disable colored syntax.', 'Enable colored syntax.', (on) => {
          terminal.colours = on;
        }),
      },
      {
        name: 'vt100',
        help: 'Toggle vt100 commands.',
        subcommands: toggle('Disable vt100 commands.', 'Enable vt100 commands.', (on) => {
          terminal.cursorCodes = on;
        }),
      },
      {
        name: 'prompt',
        help: 'Toggle prompt.',
        // Seen in 4.3.0: neither word changes anything.
        subcommands: toggle('Disable prompt.', 'Enable prompt.', () => undefined),
      },
      {
        name: 'echo',
        help: 'Toggle shell echo.',
        mandatory: 1,
        optional: 1,
        run: ([name, word]) => {
          if (word !== undefined) {
            terminal.print('red', `${name}: unknown parameter: ${word}\n`);
            return EINVAL;
          }
          terminal.write(`Echo status: ${terminal.echo ? 'on' : 'off'}\n`);
          return 0;
        },
        subcommands: toggle(
          'Disable shell echo. Editing keys and meta-keys are not handled',
          'Enable shell echo.',
          (on) => {
            terminal.echo = on;
          },
        ),
      },
      {
        name: 'stats',
        help: 'Shell statistics.',
        subcommands: [
          {
            name: 'show',
            help: 'Get shell statistics for the Logger module.',
            mandatory: 1,
            run: () => {
              terminal.write('Lost logs: 0\n');
              return 0;
            },
          },
        ],
      },
    ],
  };
}

/** CONFIG_SHELL_CMDS: absent from a minimal shell. */
export function builtInCommands(device: DeviceContext): readonly Command[] {
  const { terminal } = device;
  return [
    shellCommand(device),
    {
      name: 'history',
      help: 'Command history.',
      mandatory: 1,
      run: () => {
        device.history.lines.forEach((line, index) => {
          terminal.write(`[${String(index).padStart(3)}] ${line}\n`);
        });
        return 0;
      },
    },
    {
      name: 'retval',
      help: 'Print return value of most recent command',
      mandatory: 1,
      run: () => {
        terminal.write(`${device.lastResult()}\n`);
        return 0;
      },
    },
    {
      name: 'clear',
      help: 'Clear screen.',
      mandatory: 1,
      run: () => {
        terminal.control('\x1b[H');
        terminal.control('\x1b[2J');
        return 0;
      },
    },
  ];
}

export function helpCommand(device: DeviceContext): Command {
  const { build, terminal } = device;
  return {
    name: 'help',
    help: 'Prints the help message.',
    mandatory: 1,
    run: () => {
      const { roots } = device.tree();
      if (build.minimalShell) {
        terminal.write(`\nAvailable commands:\n${roots.map((one) => `  ${one.name}\n`).join('')}`);
        return 0;
      }
      terminal.write(
        [
          'Please press the <Tab> button to see all available commands.',
          'You can also use the <Tab> button to prompt or auto-complete all commands or its subcommands.',
          'You can try to call commands with <-h> or <--help> parameter for more information.',
          '',
          'Shell supports following meta-keys:',
          '  Ctrl + (a key from: abcdefklnpuw)',
          '  Alt  + (a key from: bf)',
          'Please refer to shell documentation for more details.',
          '',
        ].join('\n'),
      );
      device.tree().printList('\nAvailable commands:\n', roots);
      return 0;
    },
  };
}
