// Language, theme and sound of this window.

import type { ReactNode } from 'react';
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';
import type { Settings } from '../../../core/contract/schemas/session.ts';
import { Button, Choices, Switch } from '../../components/controls.tsx';
import { Panel } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { playVerdict } from '../../sound/verdictSound.ts';
import { LANGUAGES, languageName } from '../../words/text.ts';
import { useWords } from '../../words/words.tsx';

const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
const OUTCOMES = ['pass', 'fail', 'error', 'timeout', 'aborted'] as const;

export function LookTab(): ReactNode {
  const { t, fill } = useWords();
  const settings = useAsk('settings.get', {}).data;
  const save = useAct('settings.save');
  if (settings === undefined) return null;
  const change = (values: Partial<Settings>): void => save.mutate({ ...settings, ...values });
  return (
    <div className="settings-columns">
      <Panel title={t.settings.look}>
        <div className="panel-body stack">
          <Choices
            label={t.settings.theme}
            inRow
            value={settings.theme}
            onChange={(theme) => change({ theme })}
            options={THEMES.map((value) => ({ value, label: t.settings.themes[value] }))}
          />
          <Choices
            label={t.settings.language}
            inRow
            value={settings.language}
            onChange={(language) => change({ language })}
            options={LANGUAGES.map((value) => ({ value, label: languageName(value) }))}
          />
        </div>
      </Panel>
      <Panel title={t.settings.sound}>
        <div className="panel-body stack">
          <Switch
            label={t.settings.soundOn}
            on={settings.soundEnabled}
            onChange={(soundEnabled) => change({ soundEnabled })}
          />
          <Slider
            className="slider"
            minValue={0}
            maxValue={1}
            step={0.05}
            formatOptions={{ style: 'percent' }}
            defaultValue={settings.soundVolume}
            onChangeEnd={(soundVolume) => change({ soundVolume })}
            isDisabled={!settings.soundEnabled}
          >
            <Label className="field-label">{t.settings.volume}</Label>
            <SliderOutput />
            <SliderTrack className="slider-track">
              <SliderThumb className="slider-thumb" />
            </SliderTrack>
          </Slider>
          <div className="row row-wrap">
            {OUTCOMES.map((outcome) => (
              <Button
                key={outcome}
                small
                icon={`verdicts/${outcome}`}
                aria-label={fill(t.settings.trySound, { outcome: t.outcomes[outcome] })}
                onPress={() => playVerdict(outcome, settings.soundVolume)}
              >
                {t.outcomes[outcome]}
              </Button>
            ))}
          </div>
        </div>
      </Panel>
    </div>
  );
}
