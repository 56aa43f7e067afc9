// The edge servers' certificates: how long each lasts, and the way to renew it.

import { type ReactNode, useState } from 'react';
import type { AuthorityView, ServerCertificate } from '../../../core/contract/schemas/authority.ts';
import { Button } from '../../components/controls.tsx';
import { Confirm } from '../../components/Dialog.tsx';
import { FailureNote, Panel } from '../../components/parts.tsx';
import { WrittenDialog } from '../../components/WrittenFiles.tsx';
import { useAct } from '../../data/station.tsx';
import { useWords } from '../../words/words.tsx';
import { Expiry } from './Expiry.tsx';
import { NewServerDialog } from './NewServerDialog.tsx';

/** The station keeps its own certificate fresh. */
const OWN_SERVER = 'localhost';

function RenewDialog({ server, onClose }: { server: ServerCertificate; onClose: () => void }): ReactNode {
  const { t, fill } = useWords();
  const renew = useAct('authority.renewServer', ['authority.get']);
  if (renew.data !== undefined)
    return (
      <WrittenDialog title={t.authority.serverDone} written={renew.data} onClose={onClose}>
        <p>{t.authority.serverFiles}</p>
      </WrittenDialog>
    );
  return (
    <Confirm
      title={t.authority.renewTitle}
      note={fill(t.authority.renewNote, { name: server.serverName })}
      confirm={t.authority.renewConfirm}
      pending={renew.isPending}
      onConfirm={() => renew.mutate({ credentialId: server.credentialId })}
      onClose={onClose}
    >
      <FailureNote error={renew.error} />
    </Confirm>
  );
}

export function Servers({
  authority,
  supervisor,
}: {
  authority: AuthorityView;
  supervisor: boolean;
}): ReactNode {
  const { t, fill } = useWords();
  const [issuing, setIssuing] = useState(false);
  const [renewing, setRenewing] = useState<ServerCertificate>();
  return (
    <Panel
      title={t.authority.servers}
      className="scroll-panel"
      actions={
        supervisor ? (
          <Button small icon="ui/plus" aria-label={t.authority.newServer} onPress={() => setIssuing(true)} />
        ) : undefined
      }
    >
      <div className="scroll">
        {authority.serverCertificates.length === 0 ? (
          <p className="panel-body dim">{t.authority.noServers}</p>
        ) : null}
        {authority.serverCertificates.map((server) => (
          <div key={server.credentialId} className="export-row">
            <div>
              <strong className="wrap-anywhere">{server.serverName}</strong>
              <p className="small dim cut">{server.names.slice(1).join(', ')}</p>
            </div>
            {server.revoked ? (
              <span className="tag">{t.authority.superseded}</span>
            ) : (
              <Expiry notAfterMs={server.notAfterMs} />
            )}
            {supervisor && !server.revoked && server.serverName !== OWN_SERVER ? (
              <Button
                small
                icon="ui/retry"
                aria-label={fill(t.authority.renewServer, { name: server.serverName })}
                onPress={() => setRenewing(server)}
              />
            ) : null}
          </div>
        ))}
      </div>
      {issuing ? <NewServerDialog onClose={() => setIssuing(false)} /> : null}
      {renewing === undefined ? null : (
        <RenewDialog server={renewing} onClose={() => setRenewing(undefined)} />
      )}
    </Panel>
  );
}
