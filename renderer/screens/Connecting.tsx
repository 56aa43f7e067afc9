// Before there is a station to talk to.

import type { ReactNode } from 'react';
import { Empty, FailureState } from '../components/parts.tsx';
import type { ConnectionState } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';

export function Connecting({ state, error }: { state: ConnectionState; error: unknown }): ReactNode {
  const { t } = useWords();
  return (
    <main className="alone" data-connecting="" style={{ display: 'flex' }}>
      {state === 'refused' ? (
        <Empty icon="ui/warning" title={t.connection.failed} next={t.connection.failedNote} />
      ) : error !== null && state === 'connected' ? (
        <FailureState error={error} retry={() => location.reload()} />
      ) : (
        <Empty
          icon="ui/clock"
          title={
            state === 'lost'
              ? t.connection.lost
              : state === 'silent'
                ? t.connection.silent
                : t.connection.connecting
          }
          next={state === 'lost' ? t.connection.lostNote : state === 'silent' ? t.connection.silentNote : ''}
        />
      )}
    </main>
  );
}
