// Usernames and passwords for an order's devices: made, shown once for their labels, and the file that a broker reads.

import { type ReactNode, useState } from 'react';
import { PASSWORD_FORMATS, type PasswordFormat } from '../../../core/contract/passwords.ts';
import type { MadePasswords } from '../../../core/contract/schemas/issuing.ts';
import type { Order } from '../../../core/contract/schemas/orders.ts';
import { Button, Choose, Field } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Form } from '../../components/FormDialog.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { WrittenFiles } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { PasswordPolicyFields, policyOf, USUAL_POLICY } from './PasswordPolicyFields.tsx';

const FORMAT_NAMES: Readonly<Record<PasswordFormat, string>> = {
  mosquitto: 'mosquitto',
  emqx: 'EMQX',
  htpasswd: 'htpasswd (nginx, Apache)',
  vernemq: 'VerneMQ',
  hivemq: 'HiveMQ',
  rabbitmq: 'RabbitMQ',
};

function Labels({ made }: { made: MadePasswords }): ReactNode {
  const { t, plural } = useWords();
  if (made.written !== undefined)
    return (
      <WrittenFiles written={made.written}>
        <p>{t.passwords.fileNote}</p>
      </WrittenFiles>
    );
  return (
    <>
      <Note look="warning" icon="ui/warning">
        <p role="status">
          <strong>{plural(t.passwords.made, made.made)}</strong>
        </p>
        <p>{t.passwords.once}</p>
      </Note>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so without a mouse */}
      <section className="labels" aria-label={t.passwords.labels} tabIndex={0}>
        {made.labels.map(({ username, password }) => (
          <div key={username} className="label">
            <span className="mono wrap-anywhere">{username}</span>
            <strong className="mono wrap-anywhere">{password}</strong>
          </div>
        ))}
      </section>
      <div className="row">
        <Button icon="ui/print" onPress={() => window.print()}>
          {t.passwords.print}
        </Button>
      </div>
    </>
  );
}

export function PasswordsDialog({ order, onClose }: { order: Order; onClose: () => void }): ReactNode {
  const { t, fill, plural } = useWords();
  const make = useAct('passwords.make');
  const write = useAct('passwords.export');
  const [draft, setDraft] = useState(USUAL_POLICY);
  const [typed, setTyped] = useState('');
  const [format, setFormat] = useState<PasswordFormat>('mosquitto');
  const usernames = typed.split(/[\s,;]+/).filter((name) => name !== '');
  const listed = order.listedSerials > 0;
  const givenByRuns = order.passwordPolicy !== undefined;
  const policy = policyOf(draft);
  const ready = policy !== undefined && (listed || usernames.length > 0);
  const submit = (): void => {
    if (policy === undefined || !ready || make.isPending) return;
    make.mutate({
      orderId: order.orderId,
      ...(listed ? {} : { usernames }),
      ...policy,
    });
  };
  return (
    <Dialog
      title={fill(t.passwords.title, { name: order.name })}
      onClose={onClose}
      // Shown once: a click beside the dialog must not be what loses them.
      alert={make.data !== undefined}
      widthPx={760}
      actions={
        make.data === undefined && !givenByRuns ? (
          <>
            <Button onPress={onClose}>{t.common.cancel}</Button>
            <Button look="primary" icon="phases/key" isDisabled={!ready || make.isPending} onPress={submit}>
              {make.isPending ? t.passwords.making : t.passwords.make}
            </Button>
          </>
        ) : (
          <Button look="primary" onPress={onClose}>
            {t.common.close}
          </Button>
        )
      }
    >
      {givenByRuns ? (
        <p className="dim">{t.passwords.givenByRuns}</p>
      ) : make.data === undefined ? (
        <Form onSubmit={submit}>
          <p className="dim">
            {listed ? plural(t.passwords.leadListed, order.listedSerials) : t.passwords.lead}
          </p>
          {listed ? null : (
            <Field
              label={t.passwords.usernames}
              hint={t.passwords.usernamesHint}
              value={typed}
              onChange={setTyped}
              keepsScans
            />
          )}
          <PasswordPolicyFields draft={draft} change={setDraft} />
          <FailureNote error={make.error} />
        </Form>
      ) : (
        <div className="stack">
          <Labels made={make.data} />
        </div>
      )}
      <section className="stack password-export" aria-label={t.passwords.export}>
        <div className="row row-end">
          <Choose
            label={t.passwords.format}
            value={format}
            onChange={(value) => {
              setFormat(value);
              write.reset();
            }}
            options={PASSWORD_FORMATS.map((value) => ({ value, label: FORMAT_NAMES[value] }))}
          />
          <Button
            icon="ui/save"
            isDisabled={write.isPending}
            onPress={() => write.mutate({ format, orderId: order.orderId })}
          >
            {t.passwords.export}
          </Button>
        </div>
        <FailureNote error={write.error} />
        {write.data === undefined ? null : <WrittenFiles written={write.data} />}
      </section>
    </Dialog>
  );
}
