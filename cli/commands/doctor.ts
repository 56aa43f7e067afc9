// keyline doctor: what is missing on this machine or wrong with this station, and how to mend it.

import { Command } from 'commander';
import { listPorts } from '../../core/link/serial/portList.ts';
import type { Finding } from '../doctor/check.ts';
import { checkCrypto } from '../doctor/crypto.ts';
import { checkModemManager, checkNode, checkPortListing, checkPorts } from '../doctor/machine.ts';
import { checkStation } from '../doctor/station.ts';
import { withInterruption } from '../input/interruption.ts';
import type { Output } from '../output/output.ts';
import type { Paint } from '../output/style.ts';
import { action, EXIT } from './shared.ts';

const GLYPHS = {
  ok: { glyph: '✔', format: 'green' },
  warning: { glyph: '!', format: 'yellow' },
  problem: { glyph: '✘', format: 'red' },
} as const;

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('look at this machine and this station, and say how to mend what is not right')
    .option('--self-check', 'also prove this computer’s crypto on a throw-away station (some seconds)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ keyline doctor\n  $ keyline doctor --self-check\n  $ keyline --json doctor\n\nExit status 3 when something is a problem.\n',
    )
    .action(
      action(async ({ output, folder }, options: { selfCheck?: boolean }) => {
        const ports = await listPorts().catch(() => []);
        const findings = [
          checkNode(process.versions.node),
          checkPortListing(process.platform, process.env.PATH ?? ''),
          checkModemManager(process.platform),
          ...(await checkPorts(ports.map((port) => port.path))),
          ...(await output.during('Looking at the station', () => checkStation(folder))),
          ...(options.selfCheck === true ? await selfCheck(output) : []),
        ].filter((finding) => finding !== undefined);
        for (const finding of findings) output.result('finding', finding, describe(output.paint, finding));
        const problems = findings.filter((finding) => finding.state === 'problem').length;
        output.say(problems === 0 ? '\nNothing stands in the way.' : `\n${problems} to mend.`);
        return problems === 0 ? EXIT.ok : EXIT.stationTrouble;
      }),
    );

/** Makes and removes a throw-away station: Ctrl-C ends it between two checks. */
const selfCheck = (output: Output): Promise<readonly Finding[]> =>
  withInterruption(output, (signal) => output.during('Proving the crypto', () => checkCrypto(signal)));

function describe(paint: Paint, finding: Finding): string {
  const { glyph, format } = GLYPHS[finding.state];
  const line = `${paint(format, glyph)} ${finding.name.padEnd(14)} ${finding.what}`;
  return finding.mend === undefined ? line : `${line}\n  ${''.padEnd(14)} ${paint('dim', finding.mend)}`;
}
