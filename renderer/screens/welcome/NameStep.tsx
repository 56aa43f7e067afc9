// Step 1: station, site, first supervisor.

import type { ReactNode } from 'react';
import { Field } from '../../components/controls.tsx';
import { useWords } from '../../words/words.tsx';
import type { Draft } from './draft.ts';

export interface StepProps {
  readonly draft: Draft;
  readonly change: (values: Partial<Draft>) => void;
}

const digits = (text: string): string => text.replace(/\D/g, '').slice(0, 12);

export function NameStep({ draft, change }: StepProps): ReactNode {
  const { t } = useWords();
  const differs =
    draft.pinAgain.length >= draft.pin.length && draft.pinAgain !== draft.pin && draft.pinAgain !== '';
  return (
    <div className="welcome-form">
      <p className="dim wide">{t.welcome.nameLead}</p>
      <Field
        label={t.welcome.stationName}
        hint={t.welcome.stationNameHint}
        value={draft.stationName}
        onChange={(stationName) => change({ stationName })}
        autoFocus
        required
      />
      <Field
        label={t.welcome.site}
        hint={t.welcome.siteHint}
        value={draft.site}
        onChange={(site) => change({ site })}
        required
      />
      <Field
        wide
        label={t.welcome.supervisor}
        hint={t.welcome.supervisorHint}
        value={draft.operatorName}
        onChange={(operatorName) => change({ operatorName })}
        required
        maxLength={60}
      />
      <Field
        label={t.welcome.pin}
        hint={t.welcome.pinHint}
        type="password"
        numeric
        value={draft.pin}
        onChange={(pin) => change({ pin: digits(pin) })}
        required
      />
      <Field
        label={t.welcome.pinRepeat}
        type="password"
        numeric
        value={draft.pinAgain}
        onChange={(pin) => change({ pinAgain: digits(pin) })}
        error={differs ? t.welcome.pinDiffers : undefined}
        required
      />
    </div>
  );
}
