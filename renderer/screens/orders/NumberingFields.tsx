// How device serials are counted where an order lists none: `SN-0000001` and on.

import { type ReactNode, useState } from 'react';
import { Field } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';

export interface NumberingDraft {
  readonly prefix: string;
  /** As typed. */
  readonly digits: string;
}

export const useNumbering = () => useState<NumberingDraft>({ prefix: 'SN-', digits: '7' });

export const isNumbering = ({ digits }: NumberingDraft): boolean => Number(digits) > 0;

/** As the contract takes it. */
export const numberingOf = ({ prefix, digits }: NumberingDraft) => ({ prefix, digits: Number(digits) });

export function NumberingFields({
  draft,
  onChange,
}: {
  draft: NumberingDraft;
  onChange: (draft: NumberingDraft) => void;
}): ReactNode {
  const { t, fill } = useWords();
  const { prefix, digits } = draft;
  return (
    <>
      <Field
        label={t.batch.prefix}
        mono
        maxLength={48}
        value={prefix}
        onChange={(text) => onChange({ ...draft, prefix: text })}
      />
      <Field
        label={t.batch.digits}
        numeric
        value={digits}
        onChange={(text) => onChange({ ...draft, digits: text.replace(/\D/g, '').slice(0, 1) })}
        hint={fill(t.batch.firstSerial, { serial: `${prefix}${'1'.padStart(Number(digits), '0')}` })}
      />
    </>
  );
}
