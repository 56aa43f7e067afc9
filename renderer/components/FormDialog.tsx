// Fields and the one button that sends them. Enter in a field sends them too, though the button stands outside the form.

import type { ReactNode } from 'react';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { Dialog, type DialogProps } from './Dialog.tsx';
import { FailureNote } from './parts.tsx';

export interface FormProps {
  readonly onSubmit: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A form whose button stands elsewhere. */
export function Form({ onSubmit, className = 'stack', children }: FormProps): ReactNode {
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <button type="submit" hidden />
    </form>
  );
}

export interface FormDialogProps extends Omit<DialogProps, 'actions'> {
  readonly confirm: string;
  /** On the button while the act is under way. */
  readonly confirming?: string;
  readonly look?: 'primary' | 'danger';
  readonly icon?: string | undefined;
  /** Everything that is needed has been entered. */
  readonly ready: boolean;
  readonly pending: boolean;
  readonly onSubmit: () => void;
  /** Another way to the same end. */
  readonly otherWay?: ReactNode;
  /** Of the whole act, not of one field. */
  readonly error: unknown;
  readonly formClass?: string;
}

export function FormDialog(props: FormDialogProps): ReactNode {
  const { confirm, confirming = confirm, look = 'primary', icon, ready, pending, onSubmit, ...rest } = props;
  const { otherWay, error, formClass, children, ...dialog } = rest;
  const { t } = useWords();
  const submit = (): void => {
    if (ready && !pending) onSubmit();
  };
  return (
    <Dialog
      {...dialog}
      actions={
        <>
          <Button onPress={dialog.onClose}>{t.common.cancel}</Button>
          {otherWay}
          <Button
            look={look}
            {...(icon === undefined ? {} : { icon })}
            isDisabled={!ready || pending}
            onPress={submit}
          >
            {pending ? confirming : confirm}
          </Button>
        </>
      }
    >
      <Form onSubmit={submit} {...(formClass === undefined ? {} : { className: formClass })}>
        {children}
      </Form>
      <FailureNote error={error} />
    </Dialog>
  );
}
