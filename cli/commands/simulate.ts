// keyline simulate: software devices on real pseudo-terminals, to learn and to try without hardware.

import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { StationError } from '../../core/domain/stationError.ts';
import { describeBuilds } from '../../core/simulator/build.ts';
import { CredentialStore } from '../../core/simulator/credentialStore.ts';
import { simulatedFamilies } from '../../core/simulator/families.ts';
import { simulatorEntryPath } from '../../core/simulator/host/entryPath.ts';
import { type SimulatorHandle, spawnSimulator } from '../../core/simulator/host/spawnSimulator.ts';
import { parseDeviceOptions } from '../../core/simulator/options.ts';
import { readStateFile } from '../../core/simulator/stateFile.ts';
import { readStoredIdentity } from '../../core/simulator/storedIdentity.ts';
import { listenForInterruption, untilAborted } from '../input/interruption.ts';
import { action, EXIT, positiveInteger } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline simulate --count 4
  $ keyline simulate --build no-digest --backend volatile
  $ keyline simulate --family nrf91
  $ keyline simulate export state/device-1.json --out exported

Families, beside zephyr-shell:
${simulatedFamilies.map(({ targetName, summary }) => `  ${targetName.padEnd(18)} ${summary}`).join('\n')}

Builds of zephyr-shell:
${describeBuilds()
  .map(({ name, summary }) => `  ${name.padEnd(18)} ${summary}`)
  .join('\n')}

A simulated device is a process of its own and keeps its state in a file, its private key included: it is the device. Keep that
folder apart from the station’s data.
`;

const ZEPHYR = 'zephyr-shell';

interface SimulateOptions {
  readonly count: number;
  readonly family: string;
  readonly build: string;
  readonly backend: 'protected' | 'volatile';
  readonly state: string;
}

export const simulateCommand = (): Command => {
  const simulate = new Command('simulate')
    .description('run simulated devices on pseudo-terminals')
    .option('--count <number>', 'how many', positiveInteger, 1)
    .addOption(
      new Option('--family <name>', 'what kind of device, by the target that fits it')
        .choices([ZEPHYR, ...simulatedFamilies.map(({ targetName }) => targetName)])
        .default(ZEPHYR),
    )
    .addOption(
      new Option('--build <name>', 'which firmware build')
        .choices(describeBuilds().map(({ name }) => name))
        .default('default'),
    )
    .addOption(
      new Option('--backend <name>', 'where it keeps credentials')
        .choices(['protected', 'volatile'])
        .default('protected'),
    )
    .option('--state <folder>', 'where the devices keep their state', join(tmpdir(), 'keyline-simulated'))
    .addHelpText('after', EXAMPLES)
    .action(
      action(async ({ output }, options: SimulateOptions) => {
        const interruption = listenForInterruption(() => output.say('Switching the devices off.'));
        const family = simulatedFamilies.find(({ targetName }) => targetName === options.family);
        const folder = resolve(options.state);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const devices: SimulatorHandle[] = [];
        try {
          for (let index = 1; index <= options.count; index += 1) {
            const device = await spawnSimulator({
              entryPath: simulatorEntryPath,
              signal: interruption.signal,
              ...(family === undefined
                ? { device: parseDeviceOptions({ build: options.build, backend: options.backend }) }
                : { family: { name: family.targetName, unit: index } }),
              statePath: join(folder, `${family === undefined ? 'device' : family.targetName}-${index}.json`),
            });
            devices.push(device);
            const { path, hardwareId, build } = device;
            const shown = output.paint('bold', path);
            if (family === undefined) {
              const said = `${shown}  hardware id ${hardwareId}  build ${build}`;
              output.result('simulated-device', { path, hardwareId, build }, said);
            } else {
              const facts = { path, family: family.targetName, unit: index };
              output.result('simulated-device', facts, `${shown}  ${family.summary}`);
            }
          }
          output.say(
            `\nProvision one from another terminal:\n  keyline provision --port ${devices[0]?.path ?? ''} --serial SIM-0001${family === undefined ? '' : ` --target ${family.targetName}`}\nCtrl-C switches the devices off.`,
          );
          await untilAborted(interruption.signal);
          return EXIT.interrupted;
        } catch (thrown) {
          if (interruption.signal.aborted) return EXIT.interrupted;
          throw thrown;
        } finally {
          await Promise.all(devices.map((device) => device.stop()));
          interruption.dispose();
        }
      }),
    );
  simulate
    .command('export')
    .description('write what a simulated device holds to PEM files, to try it with other tools')
    .argument('<state-file>', 'the device’s state file')
    .option('--out <folder>', 'where to', '.')
    .action(
      action(({ output }, stateFile: string, options: { out: string }) => {
        const state = readStateFile(resolve(stateFile));
        const tag = state?.slots.find((slot) => slot !== undefined)?.tag;
        const identity =
          state === undefined || tag === undefined
            ? undefined
            : readStoredIdentity(new CredentialStore(state.slots, state.slots.length, () => undefined), tag);
        if (identity === undefined || 'problem' in identity) {
          throw new StationError('value_invalid', {
            field: 'state file',
            value: stateFile,
            reason: 'it holds no whole credential',
          });
        }
        const out = resolve(options.out);
        mkdirSync(out, { recursive: true });
        writeFileSync(join(out, 'root.pem'), identity.caPem);
        writeFileSync(join(out, 'device.pem'), identity.certificatePem);
        writeFileSync(join(out, 'device.key.pem'), identity.privateKeyPem, { mode: 0o600 });
        output.result(
          'exported',
          { folder: out },
          `${output.paint('green', '✔')} root.pem, device.pem and device.key.pem in ${out}`,
        );
        return EXIT.ok;
      }),
    );
  return simulate;
};
