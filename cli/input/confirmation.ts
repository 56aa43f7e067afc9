// The question before what cannot be undone.

import confirm from '@inquirer/confirm';
import { StationError } from '../../core/domain/stationError.ts';

/** Throws `interrupted` for a no, and `usage` where nobody can be asked and `--yes` is missing. */
export async function confirmForGood(
  { interactive }: { readonly interactive: boolean },
  yes: boolean | undefined,
  message: string,
): Promise<void> {
  if (yes === true) return;
  if (!interactive)
    throw new StationError('usage', { reason: 'revoking cannot be undone; confirm with --yes' });
  if (!(await confirm({ message: `${message} This cannot be undone.`, default: false })))
    throw new StationError('interrupted');
}
