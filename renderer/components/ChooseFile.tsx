// A file to hand to the station: chosen, read, named; too large is said at once.

import type { ReactNode } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { ChosenFile } from '../chosenFile.ts';
import { readBase64 } from '../files.ts';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { useToasts } from './Toasts.tsx';

export function ChooseFile({
  label,
  file,
  onChosen,
}: {
  label: string;
  file: ChosenFile | undefined;
  onChosen: (file: ChosenFile) => void;
}): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const take = async (files: FileList | null): Promise<void> => {
    const chosen = files?.[0];
    if (chosen === undefined) return;
    const base64 = await readBase64(chosen);
    if (base64 === undefined) toasts.say(t.orders.tooLarge);
    else onChosen({ fileName: chosen.name, base64 });
  };
  return (
    <div>
      <FileTrigger onSelect={(files) => void take(files)}>
        <Button icon={file === undefined ? 'ui/plus' : 'ui/check'}>{label}</Button>
      </FileTrigger>
      <p className="field-hint">
        {file === undefined ? '' : fill(t.welcome.chosen, { name: file.fileName })}
      </p>
    </div>
  );
}
