// One run of a device: outcome, who and where, and how long each phase took.

import type { ReactNode } from 'react';
import type { RunRecord } from '../../../core/contract/schemas/inventory.ts';
import { Button } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { useWords } from '../../words/words.tsx';
import { StrengthOfCheck } from '../provision/Verdict.tsx';

export function OutcomeTag({ outcome }: { outcome: RunRecord['outcome'] }): ReactNode {
  const { t } = useWords();
  if (outcome === undefined) return null;
  const look = outcome === 'pass' ? 'tag-good' : outcome === 'fail' ? 'tag-bad' : 'tag-warning';
  return (
    <span className={`tag ${look}`}>
      <Icon name={`verdicts/${outcome}`} size={16} />
      {t.outcomes[outcome]}
    </span>
  );
}

export function RunItem({ run, onTranscript }: { run: RunRecord; onTranscript: () => void }): ReactNode {
  const { t, fill, plural, number, moment, failure } = useWords();
  const tookMs = (run.closedAtMs ?? run.startedAtMs) - run.startedAtMs;
  const longest = Math.max(
    1,
    ...run.phases.map((phase) => (phase.endedAtMs ?? phase.startedAtMs) - phase.startedAtMs),
  );
  const said = run.failure === undefined ? undefined : failure(run.failure);
  return (
    <article className="run-item stack stack-tight">
      <header className="row">
        <OutcomeTag outcome={run.outcome} />
        <span className="cut">
          {moment(run.startedAtMs)} · {fill(t.common.seconds, { seconds: number(tookMs / 1_000, 1) })}
        </span>
        <span className="spring" />
        <Button small onPress={onTranscript}>
          {t.device.transcript}
        </Button>
      </header>
      <p className="small dim">
        {fill(t.provision.bay, { bay: run.bayName })} · {run.operatorName} ·{' '}
        {run.orderName ?? t.status.noOrder}
      </p>
      {said === undefined ? null : (
        <p>
          <strong>{said.what}</strong>
        </p>
      )}
      {run.checks === undefined ? null : <StrengthOfCheck checks={run.checks} />}
      {run.askedAgain === 0 ? null : <p className="small">{plural(t.device.askedAgain, run.askedAgain)}</p>}
      <div className="phase-bars">
        {run.phases.map((phase) => {
          const ms = (phase.endedAtMs ?? phase.startedAtMs) - phase.startedAtMs;
          return (
            <div key={phase.phase} style={{ display: 'contents' }}>
              <span>{t.phases[phase.phase]}</span>
              <span className="track">
                <i
                  style={{ width: `${(100 * ms) / longest}%` }}
                  {...(phase.outcome === 'pass' ? {} : { 'data-bad': '' })}
                />
              </span>
              <span className="number">{fill(t.common.seconds, { seconds: number(ms / 1_000, 2) })}</span>
            </div>
          );
        })}
      </div>
    </article>
  );
}
