// A question that takes the authority's passphrase: asked, sent with the act, forgotten when it was refused.

import type { UseMutationResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { failureIn } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';
import { Field } from './controls.tsx';
import { FormDialog } from './FormDialog.tsx';

export interface PassphraseDialogProps<I, O> {
  readonly title: string;
  /** Of the passphrase, where another one is asked for beside it. */
  readonly label?: string;
  /** Above the passphrase: what it is asked for. */
  readonly lead: ReactNode;
  /** Below it: what else is asked. */
  readonly children?: ReactNode;
  readonly act: UseMutationResult<O, Error, I>;
  readonly inputOf: (passphrase: string) => I;
  readonly onDone: (output: O) => void;
  readonly onClose: () => void;
  readonly confirm: string;
  /** On the button while it is under way. */
  readonly pending?: string;
  readonly look?: 'primary' | 'danger';
  readonly icon?: string;
  /** Another way to the same end. */
  readonly otherWay?: ReactNode;
  /** A question that must be answered is no mere message. */
  readonly alert?: boolean;
  /** What else is asked has been entered. */
  readonly ready?: boolean;
  /** The refusal stands beside one of the other fields. */
  readonly told?: boolean;
  readonly widthPx?: number;
}

export function PassphraseDialog<I, O>(props: PassphraseDialogProps<I, O>): ReactNode {
  const { act, inputOf, onDone, onClose, confirm, look = 'primary', icon } = props;
  const { t, failure } = useWords();
  const [passphrase, setPassphrase] = useState('');
  const refusal = act.error === null ? undefined : failureIn(act.error);
  const told = props.told ?? false;
  const isWrong = refusal?.code === 'passphrase_wrong' && !told;
  const words = isWrong && passphrase === '' ? failure(refusal) : undefined;
  return (
    <FormDialog
      title={props.title}
      onClose={onClose}
      alert={props.alert ?? false}
      widthPx={props.widthPx}
      confirm={confirm}
      confirming={props.pending ?? confirm}
      look={look}
      icon={icon}
      otherWay={props.otherWay}
      ready={passphrase !== '' && (props.ready ?? true)}
      pending={act.isPending}
      onSubmit={() =>
        act.mutate(inputOf(passphrase), { onSuccess: onDone, onError: () => setPassphrase('') })
      }
      error={isWrong || told ? null : act.error}
    >
      {props.lead}
      <Field
        label={props.label ?? t.authority.passphrase}
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        autoFocus
        required
        error={words === undefined ? undefined : `${words.what} ${words.next}`}
      />
      {props.children}
    </FormDialog>
  );
}
