// What the station wrote: the folder, to be found in a file manager, and the files in it.

import type { ReactNode } from 'react';
import type { WrittenFiles as Written } from '../../core/contract/schemas/common.ts';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { Dialog } from './Dialog.tsx';
import { Note } from './parts.tsx';
import { useToasts } from './Toasts.tsx';

const SHOWN = 12;
const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

export function WrittenFiles({ written, children }: { written: Written; children?: ReactNode }): ReactNode {
  const { t, plural, bytes, fill, number } = useWords();
  const toasts = useToasts();
  if (written.files.length === 0)
    return (
      <Note icon="ui/info">
        <p>{t.trust.nothing}</p>
      </Note>
    );
  return (
    <Note look="good" icon="ui/check">
      <p role="status">
        <strong>{plural(t.trust.done, written.files.length)}</strong>
      </p>
      {children}
      <p className="mono small wrap-anywhere">{written.folder}</p>
      <ul className="file-list small">
        {written.files.slice(0, SHOWN).map(({ path, sizeBytes }) => (
          <li key={path}>
            <span className="mono wrap-anywhere">{nameOf(path)}</span>
            <span className="dim">{bytes(sizeBytes)}</span>
          </li>
        ))}
      </ul>
      {written.files.length > SHOWN ? (
        <p className="small dim">{fill(t.orders.more, { n: number(written.files.length - SHOWN) })}</p>
      ) : null}
      <Button
        small
        onPress={() => {
          void navigator.clipboard.writeText(written.folder).then(() => toasts.say(t.common.copied));
        }}
      >
        {t.trust.copyFolder}
      </Button>
    </Note>
  );
}

/** The end of a dialog that wrote files: what they are, and the way out. */
export function WrittenDialog({
  title,
  written,
  onClose,
  children,
  widthPx,
}: {
  title: string;
  written: Written;
  onClose: () => void;
  children?: ReactNode;
  widthPx?: number;
}): ReactNode {
  const { t } = useWords();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      {...(widthPx === undefined ? {} : { widthPx })}
      actions={
        <Button look="primary" onPress={onClose}>
          {t.common.close}
        </Button>
      }
    >
      <WrittenFiles written={written}>{children}</WrittenFiles>
    </Dialog>
  );
}
