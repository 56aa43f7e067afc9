// Questions that are answered with yes or no, first of all the one before what cannot be undone.

import type confirm from '@inquirer/confirm';
import { StationError } from '../../core/domain/stationError.ts';

/** Asks at the terminal; what draws the question is loaded only where one is asked. */
export const askYesOrNo = async (...question: Parameters<typeof confirm>): Promise<boolean> =>
  (await import('@inquirer/confirm')).default(...question);

/** Throws `interrupted` for a no, and `usage` where nobody can be asked and `--yes` is missing. */
export async function confirmForGood(
  { interactive }: { readonly interactive: boolean },
  yes: boolean | undefined,
  message: string,
): Promise<void> {
  if (yes === true) return;
  if (!interactive)
    throw new StationError('usage', { reason: 'revoking cannot be undone; confirm with --yes' });
  if (!(await askYesOrNo({ message: `${message} This cannot be undone.`, default: false })))
    throw new StationError('interrupted');
}
