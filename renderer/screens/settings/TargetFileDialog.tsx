// A target file: dropped or chosen, checked with every mistake and its line, and kept as the station's own.

import { type ReactNode, useState } from 'react';
import { DropZone, FileTrigger } from 'react-aria-components';
import type { TargetCheckView } from '../../../core/contract/schemas/targets.ts';
import { Button } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct } from '../../data/station.tsx';
import { readBase64 } from '../../files.ts';
import { useWords } from '../../words/words.tsx';

interface Chosen {
  readonly fileName: string;
  readonly base64: string;
}

function Checked({ fileName, check }: { fileName: string; check: TargetCheckView }): ReactNode {
  const { t, fill, plural, number, either } = useWords();
  if (check.target !== undefined) {
    return (
      <Note look="good" icon="ui/check">
        <p>
          <strong>{fill(t.targets.inOrder, { file: fileName })}</strong>
        </p>
        <p>
          {check.target.title} · <span className="mono">{check.target.name}</span> ·{' '}
          {either(check.target.custody.map((custody) => t.targets.custody[custody]))}
        </p>
      </Note>
    );
  }
  return (
    <>
      <Note look="bad" icon="ui/warning">
        <p>
          <strong>{plural(t.targets.mistakes, check.mistakes.length)}</strong> {t.targets.mistakesNext}
        </p>
      </Note>
      <section
        className="scroll"
        style={{ maxHeight: 260 }}
        aria-label={t.orders.problem} // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so without a mouse
        tabIndex={0}
      >
        <table className="plain-table">
          <thead>
            <tr>
              <th className="number">{t.targets.line}</th>
              <th>{t.targets.field}</th>
              <th>{t.orders.problem}</th>
            </tr>
          </thead>
          <tbody>
            {check.mistakes.map((mistake) => (
              <tr key={`${mistake.line} ${mistake.field} ${mistake.reason}`}>
                <td className="number">{number(mistake.line)}</td>
                <td className="mono wrap-anywhere">{mistake.field === '' ? '–' : mistake.field}</td>
                <td>{mistake.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

export function TargetFileDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const check = useAct('targets.check');
  const keep = useAct('targets.import', ['catalog.get']);
  const [chosen, setChosen] = useState<Chosen>();
  const [tooLarge, setTooLarge] = useState(false);
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const base64 = await readBase64(file);
    setTooLarge(base64 === undefined);
    check.reset();
    keep.reset();
    setChosen(base64 === undefined ? undefined : { fileName: file.name, base64 });
    if (base64 !== undefined) check.mutate({ file: base64 });
  };
  const ready = chosen !== undefined && check.data?.target !== undefined;
  return (
    <Dialog
      title={t.targets.add}
      onClose={onClose}
      widthPx={720}
      actions={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button
            look="primary"
            isDisabled={!ready || keep.isPending}
            onPress={() =>
              chosen !== undefined &&
              keep.mutate(
                { file: chosen.base64 },
                {
                  onSuccess: ({ title }) => {
                    toasts.say(fill(t.targets.kept, { target: title }));
                    onClose();
                  },
                },
              )
            }
          >
            {t.targets.keep}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{t.targets.addLead}</p>
        <DropZone
          className="drop-zone"
          aria-label={t.targets.drop}
          onDrop={(event) => {
            for (const item of event.items) if (item.kind === 'file') void item.getFile().then(take);
          }}
        >
          <FileTrigger
            acceptedFileTypes={['.json', 'application/json']}
            onSelect={(files) => void take(files?.[0])}
          >
            <Button icon="ui/save">{t.targets.choose}</Button>
          </FileTrigger>
          <span className="dim">{chosen?.fileName ?? t.targets.drop}</span>
        </DropZone>
        {tooLarge ? (
          <Note look="bad" icon="ui/warning">
            <p>{t.orders.tooLarge}</p>
          </Note>
        ) : null}
        {chosen !== undefined && check.data !== undefined ? (
          <Checked fileName={chosen.fileName} check={check.data} />
        ) : null}
        <FailureNote error={check.error ?? keep.error} />
      </div>
    </Dialog>
  );
}
