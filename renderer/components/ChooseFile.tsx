// Files to hand to the station: chosen, read, named; too large is said at once.

import type { ReactNode } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { ChosenFile } from '../chosenFile.ts';
import { readBase64 } from '../files.ts';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { useToasts } from './Toasts.tsx';

export function ChooseFiles({
  label,
  files,
  onChosen,
  several = false,
  hint = '',
  error,
}: {
  label: string;
  files: readonly ChosenFile[];
  onChosen: (files: readonly ChosenFile[]) => void;
  several?: boolean;
  hint?: string;
  error?: string | undefined;
}): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const take = async (list: FileList | null): Promise<void> => {
    const chosen: ChosenFile[] = [];
    for (const file of list ?? []) {
      const base64 = await readBase64(file);
      if (base64 === undefined) {
        toasts.say(t.orders.tooLarge);
        return;
      }
      chosen.push({ fileName: file.name, base64 });
    }
    if (chosen.length > 0) onChosen(chosen);
  };
  const names = files.map(({ fileName }) => fileName).join(', ');
  return (
    <div>
      <FileTrigger onSelect={(list) => void take(list)} allowsMultiple={several}>
        <Button icon={files.length === 0 ? 'ui/plus' : 'ui/check'}>{label}</Button>
      </FileTrigger>
      <p className="field-hint">{files.length === 0 ? hint : fill(t.welcome.chosen, { name: names })}</p>
      {error === undefined ? null : (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

/** One file. */
export const ChooseFile = ({
  label,
  file,
  onChosen,
}: {
  label: string;
  file: ChosenFile | undefined;
  onChosen: (file: ChosenFile) => void;
}): ReactNode => (
  <ChooseFiles
    label={label}
    files={file === undefined ? [] : [file]}
    onChosen={([first]) => {
      if (first !== undefined) onChosen(first);
    }}
  />
);
