// A bench without bays: what is plugged in now, and one button that makes bays of it.

import type { ReactNode } from 'react';
import { Button } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Empty, FailureNote, Panel } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useNavigation } from '../../navigation.ts';
import { useWords } from '../../words/words.tsx';
import { proposeBays } from '../settings/layout.ts';

export function EmptyBench(): ReactNode {
  const { t, plural } = useWords();
  const toasts = useToasts();
  const { go } = useNavigation();
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const ports = useAsk('bays.ports', {}).data ?? [];
  const save = useAct('bays.saveLayout', ['bays.list', 'bays.ports']);
  const proposed = proposeBays([], ports);
  const layOut = (
    <Button
      look={proposed.length === 0 ? 'primary' : 'plain'}
      onPress={() => go({ screen: 'settings', tab: 'bays' })}
    >
      {t.provision.layOut}
    </Button>
  );
  if (proposed.length === 0) {
    return (
      <Empty
        icon="ui/usb"
        title={t.provision.noBays}
        next={supervisor ? t.provision.plugBoards : t.provision.noBaysNext}
        action={supervisor ? layOut : undefined}
      />
    );
  }
  return (
    <div className="empty empty-bench">
      <Icon name="ui/usb" size={48} />
      <h2>{plural(t.provision.portsFound, ports.length)}</h2>
      <p>{supervisor ? t.provision.portsFoundNext : t.provision.noBaysNext}</p>
      <Panel title={t.settings.ports} className="empty-list">
        {ports.map((port) => {
          const place = port.location ?? port.usbSerialNumber;
          const bay = proposed.find(({ binding }) => binding !== undefined && binding.value === place);
          return (
            <div key={port.path} className="export-row">
              <Icon name="ui/usb" />
              <div>
                <p className="cut">{port.product ?? port.manufacturer ?? port.path}</p>
                <p className="small dim mono cut">{[port.path, place].filter(Boolean).join(' · ')}</p>
              </div>
              <span className={bay === undefined ? 'tag' : 'tag tag-accent'}>
                {bay?.bayName ?? t.provision.notTellable}
              </span>
            </div>
          );
        })}
      </Panel>
      {supervisor ? (
        <div className="row">
          <Button
            look="primary"
            icon="ui/check"
            isDisabled={save.isPending}
            onPress={() =>
              save.mutate({ bays: [...proposed] }, { onSuccess: () => toasts.say(t.provision.baysMade) })
            }
          >
            {plural(t.provision.usePorts, proposed.length)}
          </Button>
          {layOut}
        </div>
      ) : null}
      <FailureNote error={save.error} />
    </div>
  );
}
