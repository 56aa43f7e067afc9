// What a new issuing CA is for: devices of any kind, or Matter's, whose PAI names their vendor.

import type { ReactNode } from 'react';
import { isMatterId } from '../../../core/contract/matter.ts';
import { Choose, Field } from '../../components/controls.tsx';
import type { PurposeDraft } from '../../purposeDraft.ts';
import { useWords } from '../../words/words.tsx';

function MatterId({
  label,
  hint,
  value,
  onChange,
}: {
  label: string;
  hint: string;
  value: string;
  onChange: (value: string) => void;
}): ReactNode {
  const { t } = useWords();
  const isWrong = value.length === 4 ? !isMatterId(value) : /[^0-9A-F]/.test(value);
  return (
    <Field
      {...{ label, hint, value }}
      onChange={(text) => onChange(text.trim().toUpperCase())}
      error={isWrong ? t.cas.matterIdWrong : undefined}
      maxLength={4}
      mono
    />
  );
}

export function Purpose({
  draft,
  onChange,
  beside,
}: {
  draft: PurposeDraft;
  onChange: (draft: PurposeDraft) => void;
  /** What else is chosen of it. */
  beside?: ReactNode;
}): ReactNode {
  const { t } = useWords();
  return (
    <div className="trust-fields">
      <Choose
        label={t.cas.purpose}
        value={draft.kind}
        onChange={(kind) => onChange({ ...draft, kind })}
        options={[
          { value: 'devices', label: t.cas.purposeDevices },
          { value: 'matter', label: t.cas.purposeMatter },
        ]}
      />
      {beside ?? <span />}
      {draft.kind === 'matter' ? (
        <>
          <MatterId
            label={t.cas.matterVendor}
            hint={t.cas.matterVendorHint}
            value={draft.vendorId}
            onChange={(vendorId) => onChange({ ...draft, vendorId })}
          />
          <MatterId
            label={t.cas.matterProduct}
            hint={t.cas.matterProductHint}
            value={draft.productId}
            onChange={(productId) => onChange({ ...draft, productId })}
          />
        </>
      ) : null}
    </div>
  );
}
