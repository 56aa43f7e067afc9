// All shortcuts at a glance.

import type { ReactNode } from 'react';
import { Dialog } from '../components/Dialog.tsx';
import { Note } from '../components/parts.tsx';
import { SCREENS } from '../navigation.ts';
import { useWords } from '../words/words.tsx';

export function KeyOverlay({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useWords();
  const groups: readonly (readonly [string, readonly (readonly [readonly string[], string])[]])[] = [
    [
      t.keys.global,
      [
        [['F8'], t.keys.stopAll],
        [['Ctrl', 'L'], t.keys.lock],
        [['?'], t.keys.help],
        [['/'], t.keys.search],
        [['Esc'], t.keys.close],
      ],
    ],
    [
      t.keys.provision,
      [
        [['F2'], t.keys.typeSerial],
        [['1', '…', '9'], t.keys.selectBay],
        [['F6'], t.keys.retry],
        [['F7'], t.keys.stop],
      ],
    ],
    [
      t.keys.list,
      [
        [['↑', '↓'], t.keys.upDown],
        [['Enter'], t.keys.open],
      ],
    ],
    [
      t.keys.screens,
      SCREENS.map((screen, index) => [['Alt', String(index + 1)], t.navigation[screen]] as const),
    ],
  ];
  return (
    <Dialog title={t.keys.title} onClose={onClose} widthPx={860}>
      <div style={{ columns: 2, columnGap: 48 }}>
        {groups.map(([title, keys]) => (
          <section key={title} style={{ breakInside: 'avoid', marginBottom: 20 }}>
            <h3 style={{ marginBottom: 8 }}>{title}</h3>
            <div className="key-list">
              {keys.map(([names, what]) => (
                <div key={what} style={{ display: 'contents' }}>
                  <span className="row" style={{ gap: 4 }}>
                    {names.map((name) => (
                      <kbd key={name} className="key">
                        {name}
                      </kbd>
                    ))}
                  </span>
                  <span>{what}</span>
                </div>
              ))}
            </div>
          </section>
        ))}
      </div>
      <Note icon="ui/scan">
        <p>
          <strong>{t.keys.scanner}.</strong> {t.keys.scannerNote}
        </p>
      </Note>
    </Dialog>
  );
}
