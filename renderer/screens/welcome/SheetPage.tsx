// The recovery sheet: what to keep on paper to rebuild this station. Never the passphrase.

import { type ReactNode, useState } from 'react';
import type { RecoverySheet } from '../../../core/contract/schemas/session.ts';
import { Button } from '../../components/controls.tsx';
import { Facts, Fingerprint, Note } from '../../components/parts.tsx';
import { saveText } from '../../files.ts';
import type { Text } from '../../words/text.ts';
import { useWords, type Words } from '../../words/words.tsx';

const groups = (hex: string): string =>
  hex
    .toUpperCase()
    .match(/.{1,4}/g)
    ?.join(' ') ?? '';

/** The same sheet as plain text, for a file. */
export function sheetText(sheet: RecoverySheet, t: Text, moment: (atMs: number) => string): string {
  const ca = (title: string, subject: string, sha256: string, notAfterMs: number): readonly string[] => [
    '',
    title,
    `  ${subject}`,
    `  ${t.sheet.validUntil}: ${moment(notAfterMs)}`,
    `  ${t.sheet.fingerprint}: ${groups(sha256)}`,
  ];
  return [
    `${t.common.product} – ${t.sheet.title}`,
    '',
    `${t.sheet.station}: ${sheet.stationName} (${sheet.stationId})`,
    `${t.sheet.site}: ${sheet.site}`,
    `${t.sheet.made}: ${moment(sheet.createdAtMs)}, ${t.common.product} ${sheet.softwareVersion}`,
    `${t.sheet.dataFolder}: ${sheet.dataFolder}`,
    `${t.sheet.backupFolder}: ${sheet.backupFolder}`,
    ...ca(t.sheet.root, sheet.rootSubject, sheet.rootSha256, sheet.rootNotAfterMs),
    ...ca(t.sheet.issuing, sheet.issuingSubject, sheet.issuingSha256, sheet.issuingNotAfterMs),
    '',
    `${t.sheet.keep}:`,
    ...sheet.filesToKeep.map((file) => `  ${file}`),
    '',
    `${t.sheet.restore}:`,
    ...t.sheet.restoreSteps.map((step, index) => `  ${index + 1}. ${step}`),
    '',
    t.sheet.never,
    '',
  ].join('\r\n');
}

function Sheet({ sheet, words }: { sheet: RecoverySheet; words: Words }): ReactNode {
  const { t, moment, date } = words;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and must do so without a mouse
    <article className="sheet" aria-label={t.sheet.title} tabIndex={0}>
      <h1>
        {t.common.product} – {t.sheet.title}
      </h1>
      <Facts
        facts={[
          [t.sheet.station, sheet.stationName],
          [t.sheet.site, sheet.site],
          [
            t.settings.stationId,
            <span key="id" className="mono">
              {sheet.stationId}
            </span>,
          ],
          [t.sheet.made, moment(sheet.createdAtMs)],
          [
            t.sheet.dataFolder,
            <span key="data" className="mono">
              {sheet.dataFolder}
            </span>,
          ],
          [
            t.sheet.backupFolder,
            <span key="backup" className="mono">
              {sheet.backupFolder}
            </span>,
          ],
        ]}
      />
      <h2>{t.sheet.root}</h2>
      <p>
        {sheet.rootSubject} · {t.sheet.validUntil} {date(sheet.rootNotAfterMs)}
      </p>
      <Fingerprint hex={sheet.rootSha256} />
      <h2>{t.sheet.issuing}</h2>
      <p>
        {sheet.issuingSubject} · {t.sheet.validUntil} {date(sheet.issuingNotAfterMs)}
      </p>
      <Fingerprint hex={sheet.issuingSha256} />
      <h2>{t.sheet.keep}</h2>
      <ul>
        {sheet.filesToKeep.map((file) => (
          <li key={file} className="mono">
            {file}
          </li>
        ))}
      </ul>
      <h2>{t.sheet.restore}</h2>
      <ol>
        {t.sheet.restoreSteps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p style={{ marginTop: 20 }}>
        <strong>{t.sheet.never}</strong>
      </p>
      <p style={{ marginTop: 40, borderTop: '1px solid', paddingTop: 4, width: 280 }} className="small">
        {t.sheet.signature}
      </p>
    </article>
  );
}

/** `onDone` leads on; on the first start only after the sheet was printed or saved. */
export function SheetPage({
  sheet,
  onDone,
  optional = false,
}: {
  sheet: RecoverySheet;
  onDone: () => void;
  optional?: boolean;
}): ReactNode {
  const words = useWords();
  const { t, moment } = words;
  const [kept, setKept] = useState(optional);
  const body = (
    <div className="sheet-page">
      <Sheet sheet={sheet} words={words} />
      <aside className="stack no-print">
        <h2>{t.sheet.title}</h2>
        <p className="dim">{t.sheet.lead}</p>
        <Button
          look={kept ? 'plain' : 'primary'}
          icon="ui/print"
          onPress={() => {
            window.print();
            setKept(true);
          }}
        >
          {t.sheet.print}
        </Button>
        <Button
          icon="ui/save"
          onPress={() => {
            saveText(sheetText(sheet, t, moment), `keyline-recovery-${sheet.stationId}.txt`);
            setKept(true);
          }}
        >
          {t.sheet.save}
        </Button>
        <Note icon="ui/info">
          <p>{t.sheet.never}</p>
        </Note>
        {optional ? (
          <Button onPress={onDone}>{t.common.close}</Button>
        ) : (
          <>
            <Button look={kept ? 'primary' : 'plain'} isDisabled={!kept} onPress={onDone}>
              {t.sheet.done}
            </Button>
            {kept ? null : <p className="field-hint">{t.sheet.doneHint}</p>}
          </>
        )}
      </aside>
    </div>
  );
  return optional ? body : <main className="alone">{body}</main>;
}
