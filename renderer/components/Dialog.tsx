// A question over the screen: title, body, actions. Escape and the cross close it; focus returns to where it was.

import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { ScrollArea } from './ScrollArea.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  /** A question that must be answered is no mere message. */
  readonly alert?: boolean;
  readonly widthPx?: number | undefined;
}

export function Dialog({
  title,
  onClose,
  children,
  actions,
  alert = false,
  widthPx,
}: DialogProps): ReactNode {
  const { t } = useWords();
  return (
    <ModalOverlay className="shade" isOpen isDismissable={!alert} onOpenChange={(open) => open || onClose()}>
      <Modal
        className="dialog-frame"
        style={widthPx === undefined ? {} : { width: `min(100%, ${widthPx}px)` }}
      >
        <AriaDialog className="dialog" role={alert ? 'alertdialog' : 'dialog'}>
          <div className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <span className="spring" />
            <Button look="quiet" icon="ui/close" aria-label={t.common.close} onPress={onClose} />
          </div>
          <ScrollArea className="dialog-body">{children}</ScrollArea>
          {actions === undefined ? null : <div className="dialog-foot">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  readonly title: string;
  readonly note: string;
  readonly confirm: string;
  readonly look?: 'primary' | 'danger';
  readonly pending?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** A yes-or-no question before something that matters. */
export function Confirm({
  title,
  note,
  confirm,
  look = 'primary',
  pending = false,
  onConfirm,
  onClose,
  children,
}: ConfirmProps): ReactNode {
  const { t } = useWords();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      alert
      actions={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button look={look} isDisabled={pending} onPress={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      <p>{note}</p>
      {children}
    </Dialog>
  );
}
