// One device: its credentials and certificates on the left, its runs on the right.

import { type ReactNode, useState } from 'react';
import type { RunRecord } from '../../../core/contract/schemas/inventory.ts';
import { Button } from '../../components/controls.tsx';
import { Empty, Facts, FailureState, Panel } from '../../components/parts.tsx';
import { ScrollArea } from '../../components/ScrollArea.tsx';
import { useAsk } from '../../data/station.tsx';
import { useShortcut } from '../../shortcuts.tsx';
import { useWords } from '../../words/words.tsx';
import { CredentialPanel } from './CredentialPanel.tsx';
import { RenewDialog } from './RenewDialog.tsx';
import { RunItem } from './RunItem.tsx';
import { TranscriptDialog } from './TranscriptDialog.tsx';

export function DevicePage({
  deviceSerial,
  onBack,
}: {
  deviceSerial: string;
  onBack: () => void;
}): ReactNode {
  const { t, moment } = useWords();
  const asked = useAsk('inventory.device', { deviceSerial });
  const supervisor = useAsk('session.get', {}).data?.operator?.role === 'supervisor';
  const [transcript, setTranscript] = useState<RunRecord>();
  const [renewing, setRenewing] = useState(false);
  useShortcut('Escape', onBack, transcript === undefined && !renewing);
  const device = asked.data;
  return (
    <main className="screen">
      <header className="screen-head">
        <Button icon="ui/back" onPress={onBack}>
          {t.inventory.title}
        </Button>
        <h1 className="mono wrap-anywhere">{deviceSerial}</h1>
        {supervisor && device !== undefined ? (
          <>
            <span className="spring" />
            <Button icon="ui/retry" onPress={() => setRenewing(true)}>
              {t.renewal.open}
            </Button>
          </>
        ) : null}
      </header>
      {asked.error !== null ? (
        <FailureState error={asked.error} retry={() => void asked.refetch()} />
      ) : device === undefined ? null : (
        <div className="device">
          <ScrollArea className="scroll stack device-column">
            <Panel>
              <div className="panel-body">
                <Facts
                  facts={[
                    [
                      t.inventory.hardwareId,
                      <span key="h" className="mono">
                        {device.hardwareId ?? '–'}
                      </span>,
                    ],
                    [t.inventory.target, device.targetName],
                    [t.device.firmware, device.firmware ?? '–'],
                    ...(device.password === undefined
                      ? []
                      : [[t.device.password, t.device.passwordIn[device.password]] as const]),
                    [t.device.firstSeen, moment(device.firstSeenAtMs)],
                  ]}
                />
              </div>
            </Panel>
            {device.credentials.length === 0 ? (
              <Panel>
                <Empty icon="phases/key" title={t.states.none} next={t.device.noCredential} />
              </Panel>
            ) : (
              device.credentials.map((credential) => (
                <CredentialPanel
                  key={credential.credentialId}
                  credential={credential}
                  deviceSerial={deviceSerial}
                  mayRevoke={supervisor}
                />
              ))
            )}
          </ScrollArea>
          <Panel title={t.device.runs} className="scroll-panel">
            <div className="scroll">
              {device.runs.length === 0 ? <p className="panel-body dim">{t.device.noRuns}</p> : null}
              {device.runs.map((run) => (
                <RunItem key={run.runId} run={run} onTranscript={() => setTranscript(run)} />
              ))}
            </div>
          </Panel>
        </div>
      )}
      {transcript === undefined ? null : (
        <TranscriptDialog run={transcript} onClose={() => setTranscript(undefined)} />
      )}
      {renewing && device !== undefined ? (
        <RenewDialog device={device} onClose={() => setRenewing(false)} />
      ) : null}
    </main>
  );
}
