// First start: name the station, make the authority, choose the work; then the recovery sheet.

import { type ReactNode, useState } from 'react';
import type { NewStation, RecoverySheet } from '../../../core/contract/schemas/session.ts';
import { broughtFiles } from '../../broughtDraft.ts';
import { Button, Choose, LinkButton } from '../../components/controls.tsx';
import { FailureNote, Note } from '../../components/parts.tsx';
import { failureIn, useAct, useAsk } from '../../data/station.tsx';
import { Mark } from '../../frame/Mark.tsx';
import { LANGUAGES, languageName } from '../../words/text.ts';
import { useWords } from '../../words/words.tsx';
import { AuthorityStep } from './AuthorityStep.tsx';
import { authorityOf, type Draft, EMPTY_DRAFT, isReady, STEPS, type StepName } from './draft.ts';
import { NameStep } from './NameStep.tsx';
import { RestoreDialog } from './RestoreDialog.tsx';
import { SheetPage } from './SheetPage.tsx';
import { WorkStep } from './WorkStep.tsx';

function LanguageChoice(): ReactNode {
  const { t, language } = useWords();
  const settings = useAsk('settings.get', {}).data;
  const save = useAct('settings.save');
  if (settings === undefined) return null;
  return (
    <Choose
      label={t.welcome.language}
      hideLabel
      value={language}
      onChange={(chosen) => save.mutate({ ...settings, language: chosen })}
      options={LANGUAGES.map((value) => ({ value, label: languageName(value) }))}
    />
  );
}

const newStation = (draft: Draft): NewStation => ({
  stationName: draft.stationName.trim(),
  site: draft.site.trim(),
  supervisor: { operatorName: draft.operatorName.trim(), pin: draft.pin },
  targetName: draft.targetName,
  profileName: draft.profileName,
  authority: authorityOf(draft),
});

export function Welcome({ onDone }: { onDone: () => void }): ReactNode {
  const { t, fill } = useWords();
  const [step, setStep] = useState<StepName>('name');
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [sheet, setSheet] = useState<RecoverySheet>();
  const [restoring, setRestoring] = useState(false);
  const create = useAct('session.createStation');
  const practice = useAct('practice.enter');
  const catalog = useAsk('catalog.get', {}).data;
  const check = useAct('session.checkAuthority');
  const change = (values: Partial<Draft>): void => {
    // What was said of the files before is not true of these.
    if ('files' in values || 'filesPassphrase' in values) check.reset();
    setDraft((old) => ({ ...old, ...values }));
  };
  const index = STEPS.indexOf(step);

  const busy = create.isPending || check.isPending;
  const toWork = (): void => {
    change({
      targetName: draft.targetName || (catalog?.targets[0]?.name ?? ''),
      profileName: draft.profileName || (catalog?.profiles[0]?.name ?? ''),
    });
    setStep('work');
  };
  const forward = (): void => {
    if (!isReady(step, draft) || busy) return;
    if (step === 'name') setStep('authority');
    else if (step === 'work') create.mutate(newStation(draft), { onSuccess: setSheet });
    else if (draft.kind === 'import') check.mutate(broughtFiles(draft), { onSuccess: toWork });
    else toWork();
  };

  if (sheet !== undefined) return <SheetPage sheet={sheet} onDone={onDone} />;
  return (
    <main className="alone">
      <header className="alone-head">
        <Mark />
        <strong>{t.common.product}</strong>
        <LanguageChoice />
      </header>
      <div className="welcome">
        <aside>
          <h1>{t.welcome.title}</h1>
          <p className="dim">{t.welcome.lead}</p>
          <ol className="welcome-steps">
            {STEPS.map((name, place) => (
              <li
                key={name}
                data-number={place + 1}
                {...(name === step ? { 'aria-current': 'step' as const } : {})}
                {...(place < index ? { 'data-done': '' } : {})}
              >
                {t.welcome.steps[name]}
              </li>
            ))}
          </ol>
          <Note icon="ui/save">
            <LinkButton onPress={() => setRestoring(true)}>{t.restore.open}</LinkButton>
            <p className="small dim">{t.restore.openNote}</p>
          </Note>
          <Note icon="ui/practice">
            <LinkButton onPress={() => practice.mutate({})}>{t.welcome.practice}</LinkButton>
            <p className="small dim">{t.welcome.practiceNote}</p>
          </Note>
        </aside>
        <form
          className="panel welcome-panel"
          aria-label={t.welcome.steps[step]}
          onSubmit={(event) => {
            event.preventDefault();
            forward();
          }}
        >
          <div className="panel-body stack">
            <div>
              <p className="small dim">{fill(t.welcome.step, { step: index + 1, total: STEPS.length })}</p>
              <h2 style={{ fontSize: 'var(--t-title)' }}>{t.welcome.steps[step]}</h2>
            </div>
            {step === 'name' ? <NameStep draft={draft} change={change} /> : null}
            {step === 'authority' ? (
              <AuthorityStep
                draft={draft}
                change={change}
                refused={check.error === null ? undefined : failureIn(check.error)}
              />
            ) : null}
            {step === 'work' ? <WorkStep draft={draft} change={change} catalog={catalog} /> : null}
            <FailureNote error={create.error ?? practice.error} />
          </div>
          <footer className="welcome-foot">
            {index > 0 ? (
              <Button icon="ui/back" isDisabled={busy} onPress={() => setStep(STEPS[index - 1] ?? 'name')}>
                {t.common.back}
              </Button>
            ) : null}
            <span className="spring" />
            <Button look="primary" type="submit" isDisabled={!isReady(step, draft) || busy}>
              {step !== 'work' ? t.common.next : create.isPending ? t.welcome.creating : t.welcome.create}
            </Button>
          </footer>
        </form>
      </div>
      {restoring ? <RestoreDialog onClose={() => setRestoring(false)} onRestored={onDone} /> : null}
    </main>
  );
}
