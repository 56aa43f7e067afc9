// One credential: its state, its certificate decoded, its chain, and the way to revoke it.

import { type ReactNode, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { CertificateView, CredentialView } from '../../../core/contract/schemas/inventory.ts';
import { ChooseReason, type Reason } from '../../components/ChooseReason.tsx';
import { Button, Field } from '../../components/controls.tsx';
import { Confirm } from '../../components/Dialog.tsx';
import { Facts, FailureNote, Fingerprint, Panel, StateTag } from '../../components/parts.tsx';
import { useToasts } from '../../components/Toasts.tsx';
import { useAct } from '../../data/station.tsx';
import { saveText } from '../../files.ts';
import { useWords } from '../../words/words.tsx';

const REVOCABLE: readonly string[] = ['issued', 'installed', 'verified', 'sealed'];

export function CertificateFacts({
  certificate,
  custody,
}: {
  certificate: CertificateView;
  custody?: string | undefined;
}): ReactNode {
  const { t, moment } = useWords();
  const usage = [...certificate.keyUsage, ...certificate.extendedKeyUsage].join(', ');
  return (
    <Facts
      facts={[
        [t.device.subject, certificate.subject],
        [t.device.issuer, certificate.issuer],
        [t.device.serial, <Fingerprint key="s" hex={certificate.certificateSerial} />],
        [t.device.notBefore, moment(certificate.notBeforeMs)],
        [
          t.device.notAfter,
          certificate.notAfterMs === undefined ? t.common.noExpiry : moment(certificate.notAfterMs),
        ],
        [t.device.key, `${certificate.keyAlgorithm}, ${certificate.signatureAlgorithm}`],
        ...(custody === undefined ? [] : [[t.device.custody, custody] as const]),
        [t.device.usage, usage],
        ...(certificate.subjectAltName.length === 0
          ? []
          : [[t.device.altNames, certificate.subjectAltName.join(', ')] as const]),
        [t.device.fingerprint, <Fingerprint key="f" hex={certificate.sha256} />],
      ]}
    />
  );
}

function RevokeDialog({ credentialId, onClose }: { credentialId: string; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const toasts = useToasts();
  const revoke = useAct('inventory.revoke', ['inventory.device', 'inventory.query']);
  const [reason, setReason] = useState<Reason>('superseded');
  const [note, setNote] = useState('');
  return (
    <Confirm
      title={t.device.revokeTitle}
      note={t.device.revokeNote}
      confirm={t.device.revokeConfirm}
      look="danger"
      pending={revoke.isPending || note.trim() === ''}
      onClose={onClose}
      onConfirm={() =>
        revoke.mutate(
          { credentialId, reason, note: note.trim() },
          {
            onSuccess: () => {
              toasts.say(t.device.revoked);
              onClose();
            },
          },
        )
      }
    >
      <ChooseReason value={reason} onChange={setReason} />
      <Field
        label={t.device.revokeWords}
        hint={t.device.revokeWordsHint}
        value={note}
        onChange={setNote}
        maxLength={400}
        required
        autoFocus
      />
      <FailureNote error={revoke.error} />
    </Confirm>
  );
}

export function CredentialPanel({
  credential,
  deviceSerial,
  mayRevoke,
}: {
  credential: CredentialView;
  deviceSerial: string;
  mayRevoke: boolean;
}): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const [revoking, setRevoking] = useState(false);
  const { chain, custody, state } = credential;
  const names = [t.device.leaf, ...(chain.length > 2 ? [t.device.issuing] : []), t.device.root];
  const pem = chain[0]?.pem;
  return (
    <Panel>
      <header className="panel-head">
        <span className="row">
          <StateTag state={state} />
          <span className="cut">
            {credential.profileName}, {fill(t.device.version, { n: credential.profileVersion })}
          </span>
        </span>
        {pem === undefined ? null : (
          <>
            <Button
              small
              onPress={() => void navigator.clipboard.writeText(pem).then(() => toasts.say(t.common.copied))}
            >
              {t.device.copyPem}
            </Button>
            <Button
              small
              onPress={() =>
                saveText(
                  chain.map((one) => one.pem).join(''),
                  `${deviceSerial.replace(/[^\w.-]+/g, '_')}-chain.pem`,
                  'application/x-pem-file',
                )
              }
            >
              {t.device.savePem}
            </Button>
          </>
        )}
        {mayRevoke && REVOCABLE.includes(state) ? (
          <Button small look="danger" onPress={() => setRevoking(true)}>
            {t.device.revoke}
          </Button>
        ) : null}
      </header>
      <div className="panel-body stack">
        {credential.reason === undefined ? null : <p>{credential.reason}</p>}
        {chain.length === 0 ? null : (
          <Tabs className="tabs">
            <TabList className="tab-list" aria-label={t.device.chain}>
              {chain.map((certificate, index) => (
                <Tab key={certificate.sha256} id={certificate.sha256} className="tab">
                  {names[index] ?? t.device.issuing}
                </Tab>
              ))}
            </TabList>
            {chain.map((certificate, index) => (
              <TabPanel key={certificate.sha256} id={certificate.sha256} className="tab-panel">
                <CertificateFacts
                  certificate={certificate}
                  custody={index === 0 && custody !== undefined ? t.custody[custody] : undefined}
                />
              </TabPanel>
            ))}
          </Tabs>
        )}
      </div>
      {revoking ? (
        <RevokeDialog credentialId={credential.credentialId} onClose={() => setRevoking(false)} />
      ) : null}
    </Panel>
  );
}
