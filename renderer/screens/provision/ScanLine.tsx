// Where the next device serial goes in, and which bay it will start.

import { type ReactNode, useRef, useState } from 'react';
import { Button, Field } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { useBench, useBenchActions } from '../../data/bench.tsx';
import { useAsk } from '../../data/station.tsx';
import { useShortcut } from '../../shortcuts.tsx';
import { useWords } from '../../words/words.tsx';

export function ScanLine(): ReactNode {
  const { t, fill, plural } = useWords();
  const { bays, next, taken } = useBench();
  const { take } = useBenchActions();
  const [typed, setTyped] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const strangers = (useAsk('bays.ports', {}).data ?? []).filter((port) => port.bayName === undefined);
  useShortcut('F2', () => form.current?.querySelector('input')?.focus());

  const busy = bays.some((bay) => bay.state === 'running' || bay.state === 'stopping');
  const prompt =
    next !== undefined
      ? fill(t.provision.nextBay, { bay: next.bayName })
      : busy
        ? t.provision.allBusy
        : `${t.provision.noBay}. ${t.provision.noBayNext}`;
  return (
    <section className="panel scan-line" aria-label={t.provision.scanPrompt}>
      <form
        ref={form}
        className="scan-field"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === '') return;
          take(typed.trim());
          setTyped('');
        }}
      >
        <Icon name="ui/scan" size={30} />
        <Field
          label={t.provision.typeSerial}
          hideLabel
          value={typed}
          onChange={setTyped}
          placeholder={t.provision.scanPrompt}
          mono
        />
        <Button
          type="submit"
          look={typed.trim() === '' ? 'plain' : 'primary'}
          isDisabled={typed.trim() === '' || next === undefined}
        >
          {t.provision.start}
        </Button>
        <span className="scan-next" role="status">
          <span className="cut">{prompt}</span>
          {taken === undefined ? null : (
            <span className="cut small dim">
              {fill(t.provision.scanned, { serial: taken.deviceSerial, bay: taken.bayName })}
            </span>
          )}
        </span>
        <span className="spring" />
        {strangers.length === 0 ? null : (
          <span
            className="tag"
            title={strangers.map((port) => `${port.product ?? ''} ${port.path}`).join('\n')}
          >
            <Icon name="ui/usb" size={16} />
            {plural(t.provision.strangers, strangers.length)} · {t.provision.strangersNote}
          </span>
        )}
      </form>
    </section>
  );
}
