// An existing CA as it is brought: its files, and what opens them.

import type { BroughtFiles } from '../core/contract/schemas/session.ts';
import type { ChosenFile } from './chosenFile.ts';

export interface BroughtDraft {
  readonly files: readonly ChosenFile[];
  readonly filesPassphrase: string;
}

export const NOTHING_BROUGHT: BroughtDraft = { files: [], filesPassphrase: '' };

export const broughtFiles = ({ files, filesPassphrase }: BroughtDraft): BroughtFiles => ({
  files: files.map(({ base64 }) => base64),
  ...(filesPassphrase === '' ? {} : { filesPassphrase }),
});
