// A new work order, with a quantity or with a list of serials that is checked row by row before it is taken.

import { type ReactNode, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { Order, SerialsCheck } from '../../../core/contract/schemas/orders.ts';
import { Button, Choices, Choose, Field } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { readBase64 } from '../../files.ts';
import { useWords } from '../../words/words.tsx';
import {
  CERTIFICATE_ALONE,
  CredentialKindFields,
  kindIsReady,
  passwordInput,
} from './CredentialKindFields.tsx';
import {
  custodyFits,
  inputOf,
  isConfirmed,
  keyFits,
  LastChecksFields,
  NO_DRAFT,
} from './LastChecksFields.tsx';

const PROBLEMS_SHOWN = 100;

function CheckedList({ check }: { check: SerialsCheck }): ReactNode {
  const { t, fill, plural, number } = useWords();
  if (check.problemCount === 0) {
    return (
      <Note look="good" icon="ui/check">
        <p>
          <strong>{plural(t.orders.accepted, check.accepted)}</strong>
        </p>
        <p className="mono small">{check.sample.join('  ')} …</p>
      </Note>
    );
  }
  return (
    <>
      <Note look="bad" icon="ui/warning">
        <p>
          <strong>{plural(t.orders.problems, check.problemCount)}</strong> ·{' '}
          {plural(t.orders.accepted, check.accepted)}
        </p>
        <p>{t.orders.problemsNote}</p>
      </Note>
      <section
        className="scroll"
        style={{ maxHeight: 220 }}
        aria-label={t.orders.problem} // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so without a mouse
        tabIndex={0}
      >
        <table className="plain-table">
          <thead>
            <tr>
              <th className="number">{t.orders.row}</th>
              <th>{t.orders.value}</th>
              <th>{t.orders.problem}</th>
            </tr>
          </thead>
          <tbody>
            {check.problems.slice(0, PROBLEMS_SHOWN).map((problem) => (
              <tr key={problem.row}>
                <td className="number">{number(problem.row)}</td>
                <td className="mono wrap-anywhere">{problem.value === '' ? '–' : problem.value}</td>
                <td>{fill(t.orders.rowProblems[problem.problem], { row: problem.otherRow })}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {check.problemCount > PROBLEMS_SHOWN ? (
          <p className="dim small">
            {fill(t.orders.more, { n: number(check.problemCount - PROBLEMS_SHOWN) })}
          </p>
        ) : null}
      </section>
    </>
  );
}

export function NewOrderDialog({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (order: Order) => void;
}): ReactNode {
  const { t } = useWords();
  const catalog = useAsk('catalog.get', {}).data;
  const checkSerials = useAct('orders.checkSerials');
  const create = useAct('orders.create', ['orders.list']);
  const [name, setName] = useState('');
  const [target, setTarget] = useState<string>();
  const [profile, setProfile] = useState<string>();
  const [how, setHow] = useState<'quantity' | 'list'>('quantity');
  const [quantity, setQuantity] = useState('');
  const [file, setFile] = useState<{ readonly fileName: string; readonly base64: string }>();
  const [kind, setKind] = useState(CERTIFICATE_ALONE);
  const [last, setLast] = useState(NO_DRAFT);
  const [tooLarge, setTooLarge] = useState(false);

  const targetName = target ?? catalog?.targets[0]?.name ?? '';
  const profileName = profile ?? catalog?.profiles[0]?.name ?? '';
  const chosenTarget = catalog?.targets.find((one) => one.name === targetName);
  const chosenProfile = catalog?.profiles.find((one) => one.name === profileName);
  const check = checkSerials.data;
  const listReady =
    file !== undefined && check !== undefined && check.problemCount === 0 && check.accepted > 0;
  const ready =
    name.trim() !== '' &&
    targetName !== '' &&
    profileName !== '' &&
    custodyFits(chosenTarget, chosenProfile) &&
    kindIsReady(kind, chosenTarget) &&
    keyFits(chosenTarget, chosenProfile) &&
    isConfirmed(last, chosenTarget, name) &&
    (how === 'list' ? listReady : Number(quantity) >= 1);

  const take = async (files: FileList | null): Promise<void> => {
    const chosen = files?.[0];
    if (chosen === undefined) return;
    const base64 = await readBase64(chosen);
    setTooLarge(base64 === undefined);
    checkSerials.reset();
    setFile(base64 === undefined ? undefined : { fileName: chosen.name, base64 });
    if (base64 !== undefined) checkSerials.mutate({ file: base64 });
  };
  const submit = (): void =>
    create.mutate(
      {
        name: name.trim(),
        targetName,
        profileName,
        ...passwordInput(kind, chosenTarget),
        ...inputOf(last, chosenTarget),
        ...(how === 'list' && file !== undefined
          ? { serialsFile: file.base64 }
          : { quantity: Number(quantity) }),
      },
      { onSuccess: onCreated },
    );
  return (
    <FormDialog
      title={t.orders.createTitle}
      onClose={onClose}
      widthPx={720}
      confirm={t.orders.create}
      confirming={t.orders.creating}
      ready={ready}
      pending={create.isPending}
      onSubmit={submit}
      formClass="welcome-form"
      error={create.error}
    >
      <Field
        wide
        label={t.orders.name}
        hint={t.orders.nameHint}
        value={name}
        onChange={setName}
        autoFocus
        required
        maxLength={80}
      />
      <Choose
        label={t.orders.target}
        value={targetName}
        onChange={setTarget}
        options={(catalog?.targets ?? []).map((one) => ({ value: one.name, label: one.title }))}
      />
      <Choose
        label={t.orders.profile}
        value={profileName}
        onChange={setProfile}
        options={(catalog?.profiles ?? []).map((one) => ({ value: one.name, label: one.name }))}
      />
      <Choices
        label={t.orders.how}
        inRow
        value={how}
        onChange={setHow}
        options={[
          { value: 'quantity', label: t.orders.withQuantity },
          { value: 'list', label: t.orders.withList },
        ]}
      />
      {how === 'quantity' ? (
        <Field
          label={t.orders.quantity}
          numeric
          value={quantity}
          onChange={(text) => setQuantity(text.replace(/\D/g, '').slice(0, 6))}
          required
        />
      ) : (
        <div className="wide stack stack-tight">
          <div className="row">
            <FileTrigger
              acceptedFileTypes={['.csv', '.txt', 'text/csv', 'text/plain']}
              onSelect={(files) => void take(files)}
            >
              <Button icon="ui/plus">{t.orders.chooseFile}</Button>
            </FileTrigger>
            <span className="cut">{file?.fileName}</span>
          </div>
          {file === undefined ? <p className="field-hint">{t.orders.fileHint}</p> : null}
          {tooLarge ? (
            <Note look="bad" icon="ui/warning">
              {t.orders.tooLarge}
            </Note>
          ) : null}
          {checkSerials.isPending ? <p role="status">{t.orders.checking}</p> : null}
          {check === undefined ? null : <CheckedList check={check} />}
          <FailureNote error={checkSerials.error} />
        </div>
      )}
      <CredentialKindFields draft={kind} change={setKind} target={chosenTarget} />
      <LastChecksFields
        draft={last}
        change={setLast}
        target={chosenTarget}
        profile={chosenProfile}
        orderName={name}
      />
    </FormDialog>
  );
}
