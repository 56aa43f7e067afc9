// The end of a run: one word, why, how strong the check was, and what to do next.

import type { CSSProperties, ReactNode } from 'react';
import type { Checks, RunView } from '../../../core/contract/schemas/bays.ts';
import { Icon } from '../../components/Icon.tsx';
import { strengthOf } from '../../data/nextBay.ts';
import { useWords } from '../../words/words.tsx';
import { Stepper } from './Running.tsx';
import { Serial } from './Serial.tsx';
import { stepsOf } from './steps.ts';

type CheckedItem = Checks['items'][number];

/** Most devices check all alike: one line instead of three. */
function itemsByCheck({ items }: Checks): ReadonlyMap<CheckedItem['check'], readonly CheckedItem['item'][]> {
  const grouped = new Map<CheckedItem['check'], CheckedItem['item'][]>();
  for (const { item, check } of items) grouped.set(check, [...(grouped.get(check) ?? []), item]);
  return grouped;
}

export function StrengthOfCheck({
  checks,
  custody,
}: {
  checks: Checks;
  custody?: RunView['custody'];
}): ReactNode {
  const { t } = useWords();
  const strength = strengthOf(checks.items.map(({ check }) => check));
  return (
    <div className="strength">
      <strong>
        <Icon name="ui/shield" size={18} />
        {t.strength[strength]}
        {checks.handshake === undefined ? null : ` · ${t.strength.handshake}`}
      </strong>
      <ul>
        {[...itemsByCheck(checks)].map(([check, items]) => (
          <li key={check}>
            {items.map((item) => t.items[item]).join(', ')}: {t.checks[check]}
          </li>
        ))}
        {custody === undefined ? null : (
          <li>
            {t.targets.keyMade} {t.targets.custody[custody]}
          </li>
        )}
        {checks.handshake === undefined ? null : <li>{checks.handshake.protocol}</li>}
      </ul>
    </div>
  );
}

export function Verdict({ run, handsFree }: { run: RunView; handsFree: boolean }): ReactNode {
  const { t, fill, number, failure } = useWords();
  const outcome = run.outcome ?? 'error';
  const said = run.failure === undefined ? undefined : failure(run.failure);
  const seconds = ((run.endedAtMs ?? run.startedAtMs) - run.startedAtMs) / 1_000;
  const failedIn = stepsOf(run).find(({ step }) => step === 'failed')?.phase;
  return (
    <>
      <div className="verdict" role="status">
        <div className="verdict-word" style={{ '--letters': t.outcomes[outcome].length } as CSSProperties}>
          <Icon name={`verdicts/${outcome}`} />
          <span>{t.outcomes[outcome]}</span>
        </div>
      </div>
      <div className="row verdict-serial">
        <Serial text={run.deviceSerial} />
        <span className="spring" />
        <span className="nowrap">{fill(t.common.seconds, { seconds: number(seconds, 1) })}</span>
      </div>
      <Stepper run={run} label={failedIn === undefined ? t.outcomeMeaning[outcome] : t.phases[failedIn]} />
      <div className="verdict-said">
        <p>{said?.what ?? t.outcomeMeaning[outcome]}</p>
        <p className="verdict-next">
          <Icon name="ui/info" />
          {said?.next ?? (handsFree ? t.provision.nextPassHandsFree : t.provision.nextPass)}
        </p>
        {run.checks === undefined || outcome !== 'pass' ? null : (
          <StrengthOfCheck checks={run.checks} custody={run.custody} />
        )}
      </div>
    </>
  );
}
