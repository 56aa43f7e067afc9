// Asks a port who answers there and what it can do. Nothing is written to the device.

import { type ReactNode, useState } from 'react';
import type { TargetView } from '../../../core/contract/schemas/targets.ts';
import { Button, Choose } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Facts, FailureNote, Note } from '../../components/parts.tsx';
import { useAct, useAsk } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';

export function TryTargetDialog({ target, onClose }: { target: TargetView; onClose: () => void }): ReactNode {
  const { t, fill, number, either } = useWords();
  const ports = useAsk('bays.ports', {}).data ?? [];
  const attempt = useAct('targets.try');
  const [chosen, setChosen] = useState<string>();
  const portPath = chosen ?? ports[0]?.path;
  const answer = attempt.data;
  return (
    <Dialog
      title={fill(t.targets.tryOne, { target: target.title })}
      onClose={onClose}
      widthPx={640}
      actions={
        <>
          <Button onPress={onClose}>{t.common.close}</Button>
          <Button
            look="primary"
            icon="ui/usb"
            isDisabled={portPath === undefined || attempt.isPending}
            onPress={() => portPath !== undefined && attempt.mutate({ targetName: target.name, portPath })}
          >
            {attempt.isPending ? t.targets.asking : t.targets.ask}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{t.targets.tryLead}</p>
        {portPath === undefined ? (
          <Note icon="ui/usb">
            <p>{t.settings.noPorts}</p>
          </Note>
        ) : (
          <Choose
            label={t.targets.port}
            value={portPath}
            onChange={(path) => {
              attempt.reset();
              setChosen(path);
            }}
            options={ports.map((port) => ({
              value: port.path,
              label: [
                port.product,
                port.path,
                port.bayName === undefined ? undefined : fill(t.settings.inBay, { bay: port.bayName }),
              ]
                .filter(Boolean)
                .join(' · '),
            }))}
          />
        )}
        {answer === undefined ? null : (
          <>
            <Note look="good" icon="ui/check">
              <p>{fill(t.targets.answers, { seconds: number(answer.durationMs / 1_000, 1) })}</p>
            </Note>
            <Facts
              facts={[
                [t.inventory.hardwareId, answer.hardwareId ?? t.targets.notReported],
                [t.device.firmware, answer.firmware ?? t.targets.notReported],
                [t.targets.keyMade, either(answer.custody.map((one) => t.targets.custody[one]))],
                [
                  t.targets.inSlot,
                  answer.occupied.length === 0
                    ? t.targets.nothing
                    : answer.occupied.map((item) => t.items[item]).join(', '),
                ],
                ...Object.entries(answer.capabilities).map(
                  ([name, value]) =>
                    [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
                ),
              ]}
            />
          </>
        )}
        <FailureNote error={attempt.error} />
      </div>
    </Dialog>
  );
}
