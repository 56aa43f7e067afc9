// The questions before an issuing CA changes: roll-over, limits, what it signs.

import { type ReactNode, useState } from 'react';
import type { IssuingCa, ProfilePage } from '../../../core/contract/schemas/authority.ts';
import { Choose, Field } from '../../components/controls.tsx';
import { Confirm } from '../../components/Dialog.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { PassphraseDialog } from '../../components/PassphraseDialog.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { FOR_DEVICES, isPurpose, type PurposeDraft, purposeOf } from '../../purposeDraft.ts';
import { useWords } from '../../words/words.tsx';
import { Purpose } from './Purpose.tsx';

/** Not a profile's name: those are never empty. */
const EVERYTHING = '';

/** What a CA may be let sign: all of it, or the certificates of one profile. */
function ChooseProfile({
  all,
  value,
  profiles,
  onChange,
}: {
  /** Left out where it may sign one profile only. */
  all?: string | undefined;
  value: string;
  profiles: readonly ProfilePage[];
  onChange: (profileName: string) => void;
}): ReactNode {
  const { t } = useWords();
  return (
    <Choose
      label={t.cas.useWhat}
      value={value}
      onChange={onChange}
      options={[
        ...(all === undefined ? [] : [{ value: EVERYTHING, label: all }]),
        ...profiles.map(({ name }) => ({ value: name, label: name })),
      ]}
    />
  );
}

/** A profile of Matter's attestation certificates, which a PAI alone may sign. */
const isAttestation = ({ subject }: ProfilePage): boolean =>
  subject.some((attribute) => attribute.startsWith('matterVendorId='));

export function RollOverDialog({
  alone,
  onClose,
}: {
  /** No profile was given to a CA of its own. */
  alone: boolean;
  onClose: () => void;
}): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const rollOver = useAct('authority.rollOver', ['authority.get', 'authority.profiles', 'crl.get']);
  const profiles = useAsk('authority.profiles', {}).data ?? [];
  const [commonName, setCommonName] = useState('');
  const [purpose, setPurpose] = useState(FOR_DEVICES);
  const [profileName, setProfileName] = useState(EVERYTHING);
  const name = commonName.trim();
  const isPai = purpose.kind === 'matter';

  /** A PAI is for one profile. */
  const changePurpose = (draft: PurposeDraft): void => {
    if (draft.kind !== purpose.kind)
      setProfileName(
        draft.kind === 'matter' ? (profiles.find(isAttestation)?.name ?? EVERYTHING) : EVERYTHING,
      );
    setPurpose(draft);
  };

  return (
    <PassphraseDialog
      title={t.cas.rollOverTitle}
      act={rollOver}
      inputOf={(passphrase) => ({
        passphrase,
        ...(name === '' ? {} : { commonName: name }),
        ...(profileName === EVERYTHING ? {} : { profileName }),
        ...purposeOf(purpose),
      })}
      onDone={({ issuingCas }) => {
        const made = issuingCas.at(-1)?.certificate.subject;
        const words = profileName === EVERYTHING ? t.cas.rolledOver : t.cas.rolledOverFor;
        toasts.say(fill(words, { name: made, profile: profileName }));
        onClose();
      }}
      onClose={onClose}
      confirm={t.cas.rollOverConfirm}
      pending={t.cas.rollingOver}
      ready={isPurpose(purpose) && !(isPai && profileName === EVERYTHING)}
      alert
      widthPx={560}
      lead={
        <>
          <p>{t.cas.rollOverNote}</p>
          <Note look="warning" icon="ui/warning">
            <p>{t.cas.rollOverNext}</p>
          </Note>
        </>
      }
    >
      <Field
        label={t.cas.commonName}
        hint={t.cas.commonNameHint}
        value={commonName}
        onChange={setCommonName}
        maxLength={64}
      />
      <Purpose
        draft={purpose}
        onChange={changePurpose}
        beside={
          <ChooseProfile
            all={isPai ? undefined : alone ? t.cas.everything : t.cas.everythingElse}
            value={profileName}
            profiles={profiles}
            onChange={setProfileName}
          />
        }
      />
    </PassphraseDialog>
  );
}

/** Undefined: no date; NaN: none that can be read. */
const endOf = (text: string): number | undefined =>
  text.trim() === ''
    ? undefined
    : /^\d{4}-\d{2}-\d{2}$/.test(text.trim())
      ? Date.parse(`${text.trim()}T23:59:59Z`)
      : Number.NaN;

export function LimitsDialog({ ca, onClose }: { ca: IssuingCa; onClose: () => void }): ReactNode {
  const { t, fill, number } = useWords();
  const limit = useAct('authority.limit', ['authority.get']);
  const [quota, setQuota] = useState(ca.quota === undefined ? '' : String(ca.quota));
  const [end, setEnd] = useState(
    ca.endsAtMs === undefined ? '' : new Date(ca.endsAtMs).toISOString().slice(0, 10),
  );
  const endsAtMs = endOf(end);
  const wrong = Number.isNaN(endsAtMs);
  return (
    <FormDialog
      title={fill(t.cas.limitsOf, { label: ca.label })}
      onClose={onClose}
      widthPx={480}
      confirm={t.cas.saveLimits}
      ready={!wrong}
      pending={limit.isPending}
      onSubmit={() =>
        limit.mutate(
          {
            label: ca.label,
            ...(quota === '' ? {} : { quota: Number(quota) }),
            ...(endsAtMs === undefined ? {} : { endsAtMs }),
          },
          { onSuccess: onClose },
        )
      }
      error={limit.error}
    >
      <Field
        label={t.cas.quota}
        hint={fill(t.cas.quotaHint, { used: number(ca.used) })}
        numeric
        value={quota}
        onChange={(text) => setQuota(text.replace(/\D/g, '').slice(0, 9))}
        autoFocus
      />
      <Field
        label={t.cas.endsAt}
        hint={t.cas.endsAtHint}
        error={wrong && end.trim().length >= 10 ? t.cas.endsAtWrong : undefined}
        value={end}
        onChange={setEnd}
        placeholder="2031-12-31"
        maxLength={10}
      />
    </FormDialog>
  );
}

export function AssignDialog({ ca, onClose }: { ca: IssuingCa; onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const profiles = useAsk('authority.profiles', {}).data ?? [];
  const assign = useAct('authority.assign', ['authority.get', 'authority.profiles']);
  const [what, setWhat] = useState(EVERYTHING);
  return (
    <Confirm
      title={fill(t.cas.useTitle, { label: ca.label })}
      note={t.cas.useNote}
      confirm={t.cas.useConfirm}
      pending={assign.isPending}
      onConfirm={() =>
        assign.mutate(
          { label: ca.label, ...(what === EVERYTHING ? {} : { profileName: what }) },
          { onSuccess: onClose },
        )
      }
      onClose={onClose}
    >
      <ChooseProfile all={t.cas.useAll} value={what} profiles={profiles} onChange={setWhat} />
      <FailureNote error={assign.error} />
    </Confirm>
  );
}
