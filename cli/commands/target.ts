// keyline target: the kinds of devices. List them, make a file for another one, check it, and try it on a port without
// writing anything.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { storageErrors } from '../../core/disk/storageErrors.ts';
import { StationError } from '../../core/domain/stationError.ts';
import type { Target } from '../../core/domain/target.ts';
import { createDrivers, drivers } from '../../core/host/drivers.ts';
import { targetStrength } from '../../core/host/targetStrength.ts';
import { createLink } from '../../core/link/driverRegistry.ts';
import { withSealTemplate } from '../../core/link/seal/sealTemplate.ts';
import { openSerialTransport } from '../../core/link/serial/serialTransport.ts';
import { checkTargetFile } from '../../core/link/targetFile.ts';
import { loadTargets } from '../../core/link/targetStore.ts';
import { listenForInterruption } from '../input/interruption.ts';
import { custodyWords, oneCheckWords } from '../output/checkWords.ts';
import { findTarget, openTargets } from './catalogue.ts';
import { filePassphrase } from './filePort.ts';
import { action, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline target list
  $ keyline target new our-modem --from nrf91 --out our-modem.json
  $ keyline target new our-board --from zephyr-shell --seal
  $ keyline target check our-modem.json
  $ keyline target try --target our-modem.json --port /dev/ttyACM0
  $ keyline provision --target ./our-modem.json --port /dev/ttyACM0 --serial SN-0001
`;

interface NewTargetOptions {
  readonly from?: string;
  readonly out?: string;
  readonly seal?: boolean;
}

export const targetCommand = (): Command => {
  const command = new Command('target').description('the kinds of devices, and files for more of them');
  command.addHelpText('after', EXAMPLES);
  command
    .command('list')
    .description('list the targets with where the key is made and how strongly each is checked')
    .action(
      action((context) => {
        const { output } = context;
        const { targets, isOwn } = openTargets(context);
        output.table(
          'target',
          [
            { title: 'Target' },
            { title: 'Hardware', spare: 1 },
            { title: 'Key custody' },
            { title: 'Certificates checked by', spare: 2 },
            { title: 'Key checked by' },
            { title: 'Password', spare: 3 },
          ],
          targets.map((target) => {
            const { name, title, driver } = target;
            const strength = targetStrength(target);
            const holdsPassword = target.passwordSlot !== undefined;
            const facts = { name, title, driver, own: isOwn(name), ...strength, holdsPassword };
            const custody = strength.custody.map(custodyWords).join(' or ');
            const checks = [oneCheckWords(strength.certificates), oneCheckWords(strength.key)];
            const shown = isOwn(name) ? `${title} (own)` : title;
            return { cells: [name, shown, custody, ...checks, holdsPassword ? 'yes' : '–'], facts };
          }),
        );
        return EXIT.ok;
      }),
    );
  command
    .command('new')
    .description('make a target file from one that is there')
    .argument('<name>', 'its name: lower-case letters, digits and hyphens')
    .option('--from <target>', 'the target to begin with; without it the choices are listed')
    .option('--out <file>', 'where to; NAME.json if not given')
    .option('--seal', 'with a lock to adapt: the commands of your board’s own firmware')
    .action(
      action(({ output, targetsFolder }, name: string, options: NewTargetOptions) => {
        const { targets } = loadTargets(targetsFolder, drivers);
        if (options.from === undefined) {
          const choices = targets.map(({ name: one, title }) => `\n  ${one.padEnd(18)} ${title}`).join('');
          output.say(`Say what to begin with, --from one of:${choices}`);
          throw new StationError('usage', { reason: 'name a target with --from' });
        }
        const path = resolve(options.out ?? `${name}.json`);
        if (existsSync(path)) throw new StationError('usage', { reason: `${path} is there already` });
        const template = renamed(templateText(targetsFolder, targets, options.from), name);
        const { driver } = loadTargets(targetsFolder, drivers).target(options.from);
        const text = options.seal === true ? withSealTemplate(template, driver) : template;
        storageErrors(path, () => writeFileSync(path, text, { flag: 'wx' }));
        const said = `${output.paint('green', '✔')} ${path}\n  Adapt it, then: keyline target check ${path}`;
        output.result('target-made', { file: path, name, from: options.from }, said);
        return EXIT.ok;
      }),
    );
  command
    .command('check')
    .description('check target files; every mistake with its line')
    .argument('<files...>')
    .action(
      action(({ output }, files: readonly string[]) => {
        let wrong = 0;
        for (const file of files) {
          const { target, mistakes } = checkTargetFile(file, drivers);
          wrong += mistakes.length;
          for (const mistake of mistakes) {
            const field = mistake.field === '' ? '' : `${mistake.field}: `;
            const place = `${file}:${mistake.line}`;
            const text = `${output.paint('red', '✘')} ${place}  ${field}${mistake.reason}`;
            output.result('target-mistake', { file, ...mistake }, text);
          }
          if (target === undefined) continue;
          const said = `${output.paint('green', '✔')} ${file}  ${target.name}, driver ${target.driver}`;
          output.result('target-checked', { file, name: target.name, driver: target.driver }, said);
        }
        return wrong === 0 ? EXIT.ok : EXIT.refused;
      }),
    );
  command
    .command('try')
    .description('talk to a device and show who it is and what it can do; nothing is written to it')
    .requiredOption('--target <name-or-file>', 'the target to try')
    .requiredOption('--port <path>', 'the port it is plugged into')
    .action(
      action(async (context, options: { target: string; port: string }) => {
        const { output } = context;
        const target = findTarget(options.target, context);
        const interruption = listenForInterruption(output.say);
        const link = createLink({
          drivers: createDrivers(filePassphrase),
          openTransport: openSerialTransport,
        });
        try {
          const session = await link.open({
            portPath: options.port,
            target,
            transcript: { write: () => {} },
            signal: interruption.signal,
          });
          try {
            const identity = await output.during('Asking the device who it is', () => session.identify());
            const occupied = identity.occupied.map(({ item }) => item).join(', ') || 'nothing';
            const rows: readonly (readonly [string, string])[] = [
              ['Hardware id', `${identity.hardwareId ?? 'not reported'} (${identity.hardwareIdSource})`],
              ['Firmware', identity.firmware ?? 'not reported'],
              ['Key custody', identity.custodyOffered.map(custodyWords).join(' or ')],
              ['In its slot', occupied],
              ...(identity.locked === undefined
                ? []
                : [['Lock', identity.locked ? 'closed for good' : 'open'] as const]),
              ...Object.entries(identity.capabilities).map(
                ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
              ),
            ];
            const lines = rows.map(([name, value]) => `  ${name.padEnd(20)} ${value}`).join('\n');
            const head = `${output.paint('green', '✔')} ${target.name} answers on ${options.port}`;
            output.result('target-tried', { target: target.name, ...identity }, `${head}\n${lines}`);
            return EXIT.ok;
          } finally {
            await session.close();
          }
        } finally {
          interruption.dispose();
        }
      }),
    );
  return command;
};

/** The file as it was written, so that its layout is kept. */
function templateText(folder: string, targets: readonly Target[], from: string): string {
  if (!targets.some(({ name }) => name === from)) {
    throw new StationError('target_unknown', {
      name: from,
      known: targets.map(({ name }) => name).join(', '),
    });
  }
  return readFileSync(join(folder, `${from}.json`), 'utf8');
}

/** Another name and a version from the beginning; the rest stays as it stands. */
function renamed(text: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
    throw new StationError('value_invalid', {
      field: 'name',
      value: name,
      reason: 'lower-case letters, digits and hyphens, at most 63',
    });
  }
  return text
    .replace(/("name":\s*)"[^"]*"/, `$1"${name}"`)
    .replace(/("version":\s*)\d+/, (_, head: string) => `${head}1`);
}
