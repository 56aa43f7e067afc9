// The optional last checks of a run on the command line: again after a restart, and sealing behind an explicit confirmation.

import { fileFormatsOf, orderTarget } from '../../core/application/orderTarget.ts';
import { lastChecksOf } from '../../core/domain/orderRules.ts';
import { StationError } from '../../core/domain/stationError.ts';
import type { Target } from '../../core/domain/target.ts';
import type { LastChecks } from '../../core/domain/workOrder.ts';
import { sealOf } from '../../core/link/seal/sealing.ts';
import type { RebootCheck } from '../../core/station/provision/context.ts';
import type { CommandContext } from '../context.ts';
import { askYesOrNo } from '../input/confirmation.ts';
import { hasFilePassphrase } from './filePort.ts';

export interface LastCheckOptions {
  readonly checkReboot?: boolean;
  readonly seal?: boolean;
  readonly confirmSeal?: string;
  readonly keyOnDisk?: boolean;
}

/** Undefined unless asked for. Where nobody sits at the terminal, only devices that restart by a command can be checked. */
export function rebootCheck(
  { output, interactive }: CommandContext,
  options: LastCheckOptions,
): RebootCheck | undefined {
  if (options.checkReboot !== true) return undefined;
  if (!interactive) return { askOperator: undefined };
  return {
    async askOperator(signal) {
      output.settle();
      const message = 'Switch the device off and on again. Is it running?';
      while (!(await askYesOrNo({ message }, { output: process.stderr, signal })));
    },
  };
}

/**
 * Whether to seal; throws `usage` when it was asked for and not confirmed in so many words. `name` is what the operator repeats:
 * the device serial, or the order of all that will be sealed.
 */
export async function confirmedSeal(
  { interactive, output }: CommandContext,
  options: LastCheckOptions,
  target: Target,
  name: string,
): Promise<boolean> {
  if (options.seal !== true) return false;
  const warning = sealOf(target)?.warning ?? 'It can never be changed or provisioned again.';
  if (options.confirmSeal === name) return true;
  const needed = `sealing cannot be undone: ${warning} Confirm it with --confirm-seal ${name}`;
  if (options.confirmSeal !== undefined || !interactive) throw new StationError('usage', { reason: needed });
  output.settle();
  const message = `${warning}\n  Seal ${name}, for good?`;
  if (await askYesOrNo({ message, default: false }, { output: process.stderr })) return true;
  throw new StationError('usage', { reason: 'sealing was not confirmed' });
}

/**
 * What an order asks of each of its runs, confirmed once for all of them. A target without a lock is refused before anybody is asked
 * (`value_invalid`), as in the window; who may use the command line may seal.
 */
export async function orderedChecks(
  context: CommandContext,
  options: LastCheckOptions,
  target: Target,
  orderName: string,
): Promise<LastChecks | undefined> {
  if (options.checkReboot === true) refuseUnstarted(target);
  const sealConfirmedFor = options.seal === true ? orderName : undefined;
  const { checkReboot } = options;
  const checks = lastChecksOf(
    orderTarget(target),
    orderName,
    { checkReboot, sealConfirmedFor },
    'supervisor',
  );
  await confirmedSeal(context, options, target, orderName);
  return checks;
}

/** Files are not started, and a check that no run could make is refused before there are runs. */
function refuseUnstarted(target: Target): void {
  if (target.driver === 'files')
    throw new StationError('usage', { reason: `target “${target.name}” has no device to restart` });
}

/** A key in a file is an explicit choice: it can be copied, and nobody will know. */
export function refuseKeyOnDisk(target: Target, options: LastCheckOptions): void {
  if (target.driver === 'files' && options.keyOnDisk !== true) {
    throw new StationError('usage', {
      reason: `target “${target.name}” leaves the private key as a file on this disk; say --key-on-disk if that is meant`,
    });
  }
  if (fileFormatsOf(target)?.includes('pkcs12') === true && !hasFilePassphrase()) {
    throw new StationError('usage', {
      reason: `target “${target.name}” writes PKCS#12 files; put their passphrase into the environment as KEYLINE_FILE_PASSPHRASE`,
    });
  }
}
