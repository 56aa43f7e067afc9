// A run under way: which phase, how far, how long.

import type { ReactNode } from 'react';
import type { RunView } from '../../../core/contract/schemas/bays.ts';
import { Icon } from '../../components/Icon.tsx';
import { useNow } from '../../data/now.ts';
import { useWords } from '../../words/words.tsx';
import { Serial } from './Serial.tsx';
import { PHASE_ORDER, stepsOf } from './steps.ts';

export function Stepper({ run, label }: { run: RunView; label: string }): ReactNode {
  return (
    <div className="stepper" role="img" aria-label={label}>
      {stepsOf(run).map(({ phase, step }) => (
        <i key={phase} data-step={step} />
      ))}
    </div>
  );
}

export function Running({ run }: { run: RunView }): ReactNode {
  const { t, fill, number } = useWords();
  const nowMs = useNow(100);
  const steps = stepsOf(run);
  const now = steps.findLast(({ step }) => step !== 'waiting');
  const seconds = Math.max(0, nowMs - run.startedAtMs) / 1_000;
  const place = fill(t.provision.inPhase, {
    phase: t.phases[now?.phase ?? 'open'],
    index: PHASE_ORDER.indexOf(now?.phase ?? 'open') + 1,
    total: PHASE_ORDER.length,
  });
  return (
    <>
      <Serial text={run.deviceSerial} />
      <div className="bay-doing">
        <div>
          <h2>{run.awaitsRestart === true ? t.provision.switchOff : t.phasesDoing[now?.phase ?? 'open']}</h2>
          <p className="small dim">
            {run.progress === undefined || now?.phase !== 'install'
              ? '\u00a0'
              : fill(t.provision.sent, {
                  sent: number(run.progress.sentBytes),
                  total: number(run.progress.totalBytes),
                })}
          </p>
        </div>
        <span className="bay-time">
          {number(seconds, 1)} <small>s</small>
        </span>
      </div>
      <Stepper run={run} label={place} />
      <ol className="phase-list">
        {steps.map(({ phase, step, seconds: took }) => (
          <li key={phase} data-step={step}>
            <Icon name={step === 'done' ? 'ui/check' : `phases/${phase}`} size={18} />
            {t.phases[phase]}
            {took === undefined ? null : <time>{fill(t.common.seconds, { seconds: number(took, 1) })}</time>}
          </li>
        ))}
      </ol>
    </>
  );
}
