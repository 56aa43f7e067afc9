// Small parts that most screens use: notes, empty states, facts, figures, tags, fingerprints.

import type { ReactNode } from 'react';
import type { CredentialStateName } from '../../core/contract/schemas/inventory.ts';
import { failureIn } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { Icon } from './Icon.tsx';

export function Screen({
  title,
  actions,
  className = '',
  hideTitle = false,
  children,
}: {
  title: string;
  actions?: ReactNode;
  className?: string;
  hideTitle?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <main className={`screen ${className}`}>
      {hideTitle ? (
        <h1 className="unseen">{title}</h1>
      ) : (
        <header className="screen-head">
          <h1>{title}</h1>
          {actions}
        </header>
      )}
      {children}
    </main>
  );
}

export function Panel({
  title,
  actions,
  className = '',
  children,
}: {
  title?: string;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <section className={`panel ${className}`} {...(title === undefined ? {} : { 'aria-label': title })}>
      {title === undefined ? null : (
        <header className="panel-head">
          <h2>{title}</h2>
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}

export function Empty({
  icon,
  title,
  next,
  action,
}: {
  icon: string;
  title: string;
  next: string;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className="empty">
      <Icon name={icon} size={48} />
      <h2>{title}</h2>
      <p>{next}</p>
      {action}
    </div>
  );
}

export function Note({
  look = 'calm',
  icon,
  children,
}: {
  look?: 'calm' | 'bad' | 'good' | 'warning';
  icon: string;
  children: ReactNode;
}): ReactNode {
  return (
    <div className={look === 'calm' ? 'note' : `note note-${look}`}>
      <Icon name={icon} />
      <div>{children}</div>
    </div>
  );
}

/** What failed and what to do next, in place. Nothing when nothing failed. */
export function FailureNote({ error }: { error: unknown }): ReactNode {
  const words = useWords();
  if (error === null || error === undefined) return null;
  const { what, next } = words.failure(failureIn(error));
  return (
    <div role="alert">
      <Note look="bad" icon="ui/warning">
        <p>
          <strong>{what}</strong>
        </p>
        <p>{next}</p>
      </Note>
    </div>
  );
}

/** A whole panel that could not be filled. */
export function FailureState({ error, retry }: { error: unknown; retry: () => void }): ReactNode {
  const words = useWords();
  const { what, next } = words.failure(failureIn(error));
  return (
    <div role="alert" className="empty">
      <Icon name="ui/warning" size={48} />
      <h2>{what}</h2>
      <p>{next}</p>
      <Button icon="ui/retry" onPress={retry}>
        {words.t.common.tryAgain}
      </Button>
    </div>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Figure({ label, value }: { label: string; value: ReactNode }): ReactNode {
  return (
    <div>
      <div className="figure-value">{value}</div>
      <div className="figure-label">{label}</div>
    </div>
  );
}

const STATE_LOOK: Readonly<Record<CredentialStateName, { tag: string; icon: string }>> = {
  reserved: { tag: '', icon: 'ui/clock' },
  prepared: { tag: '', icon: 'ui/clock' },
  issued: { tag: 'tag-warning', icon: 'ui/clock' },
  installed: { tag: 'tag-warning', icon: 'ui/clock' },
  verified: { tag: 'tag-good', icon: 'ui/check' },
  sealed: { tag: 'tag-good', icon: 'ui/lock' },
  voided: { tag: '', icon: 'ui/minus' },
  revoked: { tag: 'tag-bad', icon: 'ui/close' },
};

export function StateTag({ state }: { state: CredentialStateName | undefined }): ReactNode {
  const { t } = useWords();
  if (state === undefined) return <span className="dim small">{t.states.none}</span>;
  const { tag, icon } = STATE_LOOK[state];
  return (
    <span className={`tag ${tag}`}>
      <Icon name={icon} size={14} />
      {t.states[state]}
    </span>
  );
}

const TAIL_LENGTH = 12;

/** A serial in a narrow place: its end, which tells it from its neighbours, is never cut. */
export const SerialCut = ({ text }: { text: string }): ReactNode => (
  <span className="serial-cut mono" title={text}>
    <span className="cut">{text.slice(0, -TAIL_LENGTH)}</span>
    <span>{text.slice(-TAIL_LENGTH)}</span>
  </span>
);

const GROUPS_PER_LINE = 8;

/** Hex in groups of four, a SHA-256 on two even lines, so that two can be compared by eye. */
export function Fingerprint({ hex }: { hex: string }): ReactNode {
  const groups = hex.toUpperCase().match(/.{1,4}/g) ?? [];
  const lines =
    groups.length === 2 * GROUPS_PER_LINE
      ? [groups.slice(0, GROUPS_PER_LINE), groups.slice(GROUPS_PER_LINE)]
      : [groups];
  return (
    <div className="fingerprint">
      {lines.map((line) => (
        <div key={line.join('')}>{line.join(' ')}</div>
      ))}
    </div>
  );
}

export function Meter({
  passed,
  failed,
  quantity,
  label,
}: {
  passed: number;
  failed: number;
  quantity: number;
  label: string;
}): ReactNode {
  const width = (part: number): string => `${(100 * Math.min(part, quantity)) / Math.max(quantity, 1)}%`;
  return (
    <div className="meter" role="img" aria-label={label}>
      <i style={{ width: width(passed) }} />
      <i style={{ width: width(failed) }} />
    </div>
  );
}
