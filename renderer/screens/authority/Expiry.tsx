// How long a certificate still lasts, louder towards its end.

import type { ReactNode } from 'react';
import { useWords } from '../../words/words.tsx';

export function Expiry({ notAfterMs }: { notAfterMs: number | undefined }): ReactNode {
  const { t, fill, date, duration } = useWords();
  if (notAfterMs === undefined) return <span className="tag">{t.common.noExpiry}</span>;
  const leftMs = notAfterMs - Date.now();
  if (leftMs < 0)
    return <span className="tag tag-bad">{fill(t.authority.expired, { date: date(notAfterMs) })}</span>;
  return (
    <span className={leftMs < 60 * 86_400_000 ? 'tag tag-warning' : 'tag'}>
      {fill(t.authority.expires, { date: date(notAfterMs) })} ·{' '}
      {fill(t.authority.expiresIn, { duration: duration(leftMs) })}
    </span>
  );
}
