// What this station is: its id, what it can provision, its recovery sheet, and the way into practice mode.

import { type ReactNode, useState } from 'react';
import { Button } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Facts, FailureNote, Panel } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { SheetPage } from '../welcome/SheetPage.tsx';

function SheetDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const asked = useAsk('session.recoverySheet', {});
  return (
    <Dialog title={t.sheet.title} onClose={onClose} widthPx={1100}>
      <FailureNote error={asked.error} />
      {asked.data === undefined ? null : <SheetPage sheet={asked.data} onDone={onClose} optional />}
    </Dialog>
  );
}

export function AboutTab(): ReactNode {
  const { t, fill, number } = useWords();
  const session = useAsk('session.get', {}).data;
  const catalog = useAsk('catalog.get', {}).data;
  const enter = useAct('practice.enter');
  const [sheet, setSheet] = useState(false);
  if (session === undefined) return null;
  return (
    <div className="settings-columns">
      <div className="stack">
        <Panel title={t.settings.profiles}>
          {(catalog?.profiles ?? []).map((profile) => (
            <div key={profile.name} className="export-row">
              <div>
                <strong>
                  {profile.name}, {fill(t.device.version, { n: profile.version })}
                </strong>
                <p className="small dim">{profile.description}</p>
              </div>
              <span className="tag">{profile.keyAlgorithm}</span>
              {profile.keyCustody === 'on-device' ? (
                <span className="tag tag-accent">{t.settings.keyOnDevice}</span>
              ) : null}
              <span className="tag">
                {profile.validityDays === undefined
                  ? t.settings.noExpiry
                  : fill(t.settings.validity, { days: number(profile.validityDays) })}
              </span>
            </div>
          ))}
        </Panel>
      </div>
      <div className="stack">
        <Panel title={t.settings.tabs.about}>
          <div className="panel-body stack">
            <Facts
              facts={[
                [t.sheet.station, session.station?.stationName],
                [t.sheet.site, session.station?.site],
                [
                  t.settings.stationId,
                  <span key="id" className="mono">
                    {session.station?.stationId}
                  </span>,
                ],
                [t.settings.version, session.softwareVersion],
              ]}
            />
            {session.operator?.role === 'supervisor' ? (
              <Button icon="ui/print" onPress={() => setSheet(true)}>
                {t.settings.showSheet}
              </Button>
            ) : null}
          </div>
        </Panel>
        {session.practice ? null : (
          <Panel title={t.settings.practice}>
            <div className="panel-body stack">
              <p className="dim">{t.settings.practiceNote}</p>
              <Button icon="ui/practice" onPress={() => enter.mutate({})}>
                {t.settings.enterPractice}
              </Button>
              <FailureNote error={enter.error} />
            </div>
          </Panel>
        )}
      </div>
      {sheet ? <SheetDialog onClose={() => setSheet(false)} /> : null}
    </div>
  );
}
