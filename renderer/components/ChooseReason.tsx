// Why something is revoked (RFC 5280 5.3.1).

import type { ReactNode } from 'react';
import { REVOCATION_REASONS } from '../../core/contract/revocation.ts';
import { useWords } from '../words/words.tsx';
import { Choose } from './controls.tsx';

export type Reason = (typeof REVOCATION_REASONS)[number];

export function ChooseReason({
  value,
  onChange,
}: {
  value: Reason;
  onChange: (reason: Reason) => void;
}): ReactNode {
  const { t } = useWords();
  return (
    <Choose
      label={t.device.revokeReason}
      value={value}
      onChange={onChange}
      options={REVOCATION_REASONS.map((reason) => ({ value: reason, label: t.revocationReasons[reason] }))}
    />
  );
}
