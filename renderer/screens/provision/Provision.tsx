// The home screen: the bench as it stands, and the line that takes the next device serial.

import { type CSSProperties, type ReactNode, useState } from 'react';
import { Confirm } from '../../components/Dialog.tsx';
import { FailureState, Screen } from '../../components/parts.tsx';
import { useBench, useBenchActions } from '../../data/bench.tsx';
import { useAsk } from '../../data/station.tsx';
import { useShortcut } from '../../shortcuts.tsx';
import { useWords } from '../../words/words.tsx';
import { BayCard } from './BayCard.tsx';
import { EmptyBench } from './EmptyBench.tsx';
import { ScanLine } from './ScanLine.tsx';

export function Provision(): ReactNode {
  const { t } = useWords();
  const { bays, loading, error, subject } = useBench();
  const { choose, retry, stop } = useBenchActions();
  const refetch = useAsk('bays.list', {}).refetch;
  const [replacing, setReplacing] = useState<string>();

  for (const digit of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) {
    // biome-ignore lint/correctness/useHookAtTopLevel: nine digits, always
    useShortcut(digit, () => choose(bays[Number(digit) - 1]?.bayName ?? ''));
  }
  useShortcut('F6', () => subject?.run?.outcome !== undefined && retry(subject.bayName, false));
  useShortcut('F7', () => subject?.state === 'running' && stop(subject.bayName));

  if (error !== null && bays.length === 0) {
    return (
      <Screen title={t.provision.title} hideTitle>
        <FailureState error={error} retry={() => void refetch()} />
      </Screen>
    );
  }
  if (bays.length === 0) {
    return (
      <Screen title={t.provision.title} hideTitle>
        {loading ? null : <EmptyBench />}
      </Screen>
    );
  }
  const left = Math.min(...bays.map((bay) => bay.column));
  const front = Math.min(...bays.map((bay) => bay.row));
  const columns = Math.max(...bays.map((bay) => bay.column)) - left + 1;
  const rows = Math.max(...bays.map((bay) => bay.row)) - front + 1;
  return (
    <Screen title={t.provision.title} hideTitle className="provision">
      <ScanLine />
      <div className="bench" style={{ '--bench-columns': columns, '--bench-rows': rows } as CSSProperties}>
        {bays.map((bay) => (
          <BayCard
            key={bay.bayName}
            bay={bay}
            chosen={subject?.bayName === bay.bayName && bays.length > 1}
            column={bay.column - left + 1}
            row={bay.row - front + 1}
            onReplace={setReplacing}
          />
        ))}
      </div>
      {replacing === undefined ? null : (
        <Confirm
          title={t.provision.replaceTitle}
          note={t.provision.replaceNote}
          confirm={t.provision.replaceConfirm}
          look="danger"
          onConfirm={() => {
            retry(replacing, true);
            setReplacing(undefined);
          }}
          onClose={() => setReplacing(undefined)}
        />
      )}
    </Screen>
  );
}
