// Private keys for a whole order, made on the station without a bay: what is asked before, how far it is, and its stop.

import { type ReactNode, useState } from 'react';
import type { Batch } from '../../../core/contract/schemas/issuing.ts';
import { Button, Switch } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Form } from '../../components/FormDialog.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { useWords } from '../../words/words.tsx';

interface Act {
  readonly isPending: boolean;
  readonly error: Error | null;
}

export interface IssuingDialogProps {
  readonly title: string;
  readonly lead: string;
  /** What this kind of issuing calls its parts. */
  readonly words: Readonly<
    Record<'start' | 'resume' | 'stop' | 'meanwhile' | 'warning' | 'warningNext' | 'agree', string>
  >;
  /** Undefined until it was first begun. */
  readonly state: Batch['state'] | undefined;
  readonly progress: ReactNode;
  /** Some of the order was made before. */
  readonly begun: boolean;
  /** Something is left to make. */
  readonly left: boolean;
  /** All that is asked has been entered. */
  readonly ready: boolean;
  readonly start: Act;
  readonly stop: Act;
  readonly onStart: () => void;
  readonly onStop: () => void;
  readonly onClose: () => void;
  /** What is asked. */
  readonly children: ReactNode;
}

export const isUnderWay = (state: Batch['state'] | undefined): boolean =>
  state === 'running' || state === 'stopping';

export function IssuingDialog(props: IssuingDialogProps): ReactNode {
  const { words, state, start, stop, onClose } = props;
  const { t } = useWords();
  const [agreed, setAgreed] = useState(false);
  const underWay = isUnderWay(state);
  const ready = agreed && props.ready && !start.isPending;
  const submit = (): void => {
    if (ready) props.onStart();
  };
  return (
    <Dialog
      title={props.title}
      onClose={onClose}
      widthPx={760}
      actions={
        <>
          <Button onPress={onClose}>{t.common.close}</Button>
          {underWay ? (
            <Button look="danger" isDisabled={stop.isPending || state === 'stopping'} onPress={props.onStop}>
              {words.stop}
            </Button>
          ) : props.left ? (
            <Button look="primary" icon="phases/key" isDisabled={!ready} onPress={submit}>
              {props.begun ? words.resume : words.start}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="stack">
        <p className="dim">{props.lead}</p>
        {props.progress}
        {underWay ? (
          <p className="small dim">{words.meanwhile}</p>
        ) : props.left ? (
          <Form onSubmit={submit}>
            {props.children}
            <Note look="warning" icon="ui/warning">
              <p>
                <strong>{words.warning}</strong>
              </p>
              <p>{words.warningNext}</p>
            </Note>
            <Switch label={words.agree} on={agreed} onChange={setAgreed} />
          </Form>
        ) : null}
        <FailureNote error={start.error ?? stop.error} />
      </div>
    </Dialog>
  );
}
