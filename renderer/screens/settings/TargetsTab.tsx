// The kinds of devices: where each key is made, how strongly each is checked, files for more of them, and who answers on a port.

import { type ReactNode, useState } from 'react';
import type { TargetView } from '../../../core/contract/schemas/targets.ts';
import { Button } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { FailureState, Panel } from '../../components/parts.tsx';
import { strengthOf } from '../../data/nextBay.ts';
import { useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { TargetFileDialog } from './TargetFileDialog.tsx';
import { TryTargetDialog } from './TryTargetDialog.tsx';

function TargetRow({ target, onTry }: { target: TargetView; onTry: (() => void) | undefined }): ReactNode {
  const { t, fill, either } = useWords();
  const check = (value: TargetView['key']): ReactNode => (
    <span className="check-word" data-strength={strengthOf([value])}>
      {t.checks[value]}
    </span>
  );
  return (
    <tr>
      <td>
        <strong>{target.title}</strong>
        <p className="small dim target-facts">
          <span>
            <span className="mono">{target.name}</span> · {fill(t.device.version, { n: target.version })}
          </span>
          {target.driver === 'files' ? <span className="tag tag-warning">{t.targets.keyOnDisk}</span> : null}
          {target.own ? <span className="tag tag-accent">{t.targets.own}</span> : null}
          {target.sealWarning === undefined ? null : (
            <span className="tag" title={target.sealWarning}>
              <Icon name="ui/lock" size={14} />
              {t.targets.canSeal}
            </span>
          )}
        </p>
      </td>
      <td>{either(target.custody.map((custody) => t.targets.custody[custody]))}</td>
      <td>{check(target.certificates)}</td>
      <td>{check(target.key)}</td>
      <td className="number">
        {onTry === undefined || target.driver === 'files' ? null : (
          <Button small aria-label={fill(t.targets.tryOne, { target: target.title })} onPress={onTry}>
            {t.targets.try}
          </Button>
        )}
      </td>
    </tr>
  );
}

export function TargetsTab(): ReactNode {
  const { t } = useWords();
  const asked = useAsk('catalog.get', {});
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const [adding, setAdding] = useState(false);
  const [trying, setTrying] = useState<TargetView>();
  if (asked.error !== null) return <FailureState error={asked.error} retry={() => void asked.refetch()} />;
  return (
    <Panel
      title={t.settings.targets}
      actions={
        supervisor ? (
          <Button small look="primary" icon="ui/plus" onPress={() => setAdding(true)}>
            {t.targets.add}
          </Button>
        ) : undefined
      }
    >
      <p className="dim panel-lead">{t.targets.lead}</p>
      <table className="plain-table targets-table">
        <thead>
          <tr>
            <th>{t.targets.hardware}</th>
            <th>{t.targets.keyMade}</th>
            <th>{t.targets.certificatesBy}</th>
            <th>{t.targets.keyBy}</th>
            <th>
              <span className="unseen">{t.targets.try}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {(asked.data?.targets ?? []).map((target) => (
            <TargetRow
              key={target.name}
              target={target}
              onTry={supervisor ? () => setTrying(target) : undefined}
            />
          ))}
        </tbody>
      </table>
      {adding ? <TargetFileDialog onClose={() => setAdding(false)} /> : null}
      {trying === undefined ? null : <TryTargetDialog target={trying} onClose={() => setTrying(undefined)} />}
    </Panel>
  );
}
