// The root's revocation list, as a ceremony on its machine wrote it: chosen, checked, taken in.

import { type ReactNode, useState } from 'react';
import type { ChosenFile } from '../../chosenFile.ts';
import { ChooseFile } from '../../components/ChooseFile.tsx';
import { Button } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { Note } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

const CHANGED = ['crl.get', 'authority.get', 'authority.profiles', 'session.conditions'] as const;

/** What a list says about the station's own CAs must not pass by as a mere notice. */
function Revoked({ cas, onClose }: { cas: readonly string[]; onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const names = cas.map((label) => fill(t.lists.issuing, { label })).join(', ');
  return (
    <Dialog
      title={t.lists.installedTitle}
      onClose={onClose}
      widthPx={560}
      actions={
        <Button look="primary" onPress={onClose}>
          {t.common.close}
        </Button>
      }
    >
      <Note look="warning" icon="ui/warning">
        <p role="status">
          <strong>{fill(t.lists.namesCas, { cas: names })}</strong>
        </p>
        <p>{t.lists.namesNext}</p>
      </Note>
    </Dialog>
  );
}

export function RootListDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const toasts = useToasts();
  const install = useAct('crl.install', CHANGED);
  const [file, setFile] = useState<ChosenFile>();
  if (install.data !== undefined && install.data.revoked.length > 0)
    return <Revoked cas={install.data.revoked} onClose={onClose} />;
  return (
    <FormDialog
      title={t.lists.installTitle}
      onClose={onClose}
      widthPx={560}
      confirm={t.lists.installConfirm}
      confirming={t.lists.installing}
      ready={file !== undefined}
      pending={install.isPending}
      onSubmit={() =>
        install.mutate(
          { file: file?.base64 ?? '' },
          {
            onSuccess: ({ revoked }) => {
              if (revoked.length > 0) return;
              toasts.say(t.lists.installed);
              onClose();
            },
          },
        )
      }
      error={install.error}
    >
      <p>{t.lists.installLead}</p>
      <ChooseFile label={t.lists.installFile} file={file} onChosen={setFile} />
    </FormDialog>
  );
}
