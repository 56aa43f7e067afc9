// What the command line says of itself: help, examples, JSON lines, and where its words go.

import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { createProgram } from '../../../cli/program.ts';
import { cli, startCli } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';

const { station } = stationOfTests();

const run = (args: readonly string[], options = {}) => cli(args, { data: station.data, ...options });

describe('help', async () => {
  const program = await createProgram();
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);

  test('names every command and every exit status', () => {
    let text = '';
    program.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    for (const { name } of program.commands.map((command) => ({ name: command.name() })))
      expect(text).toContain(name);
    for (const status of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^ {2}${status} +\\w`, 'm'));
    for (const name of ['KEYLINE_DATA', 'KEYLINE_OPERATOR', 'KEYLINE_PASSPHRASE', 'NO_COLOR'])
      expect(text).toContain(name);
  });

  test.each(
    program.commands.flatMap((command) => [
      [command.name(), command] as const,
      ...command.commands.map((child) => [`${command.name()} ${child.name()}`, child] as const),
    ]),
  )('%s has examples', (name, command) => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    const [, examples = ''] = text.split('Example');
    expect(examples).toMatch(new RegExp(`keyline (.* )?${name}\\b`));
  });

  test('every option and command says what it is for', () => {
    for (const command of commands) {
      expect(command.description(), command.name()).not.toBe('');
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
    }
  });

  test('ends with status 0, on standard output', async () => {
    const help = await run(['provision', '--help'], { json: false });
    expect([help.code, help.stderr]).toEqual([EXIT.ok, '']);
    expect(help.stdout).toContain('--replace');
  });
});

describe('output', () => {
  test('is one JSON object per line for each command', async () => {
    const orders = await run(['order', 'create', 'WO-JSON', '--quantity', '2']);
    expect(orders.line('order-created')).toMatchObject({ name: 'WO-JSON', quantity: 2 });
    for (const args of [
      ['order', 'list'],
      ['order', 'show', 'WO-JSON'],
      ['inventory', 'list'],
      ['inventory', 'export', '--format', 'json'],
      ['audit', 'verify'],
      ['ports'],
      ['doctor'],
    ]) {
      const result = await run(args);
      expect(result.stderr, args.join(' ')).toBe('');
      for (const line of result.lines()) expect(line).toBeTypeOf('object');
    }
    const audit = await run(['audit', 'verify']);
    expect(audit.line('audit')).toMatchObject({ intact: true });
  });

  test('has no colours and no cursor control where nobody looks, and errors go to standard error', async () => {
    for (const args of [['order', 'list'], ['inventory', 'list'], ['audit', 'verify'], ['doctor']]) {
      const result = await run(args, { json: false });
      expect(result.stdout).not.toContain('\u001b');
    }
    const failed = await run(['inventory', 'show', 'SN-404'], { json: false });
    expect(failed.stdout).toBe('');
    expect(failed.stderr).toMatch(/^✘ .*SN-404.*\n {2}\S/);
    const forced = await run(['audit', 'verify'], { json: false, env: { FORCE_COLOR: '1' } });
    expect(forced.stdout).toContain('\u001b[32m');
    const refused = await run(['audit', 'verify'], { json: false, env: { NO_COLOR: '1' } });
    expect(refused.stdout).not.toContain('\u001b');
  });

  test('that nobody reads to its end is no failure', async () => {
    const { child, done } = startCli(['--help'], { data: station.data, json: false });
    child.stdout?.destroy();
    expect((await done).stderr).not.toContain('EPIPE');
  });
});
