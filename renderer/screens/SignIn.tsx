// Sign in with a name and a PIN, on keys big enough for gloves, or with a badge.

import { type ReactNode, useState } from 'react';
import { Button, ToggleButton } from 'react-aria-components';
import type { Session } from '../../core/contract/schemas/session.ts';
import { Icon } from '../components/Icon.tsx';
import { FailureNote } from '../components/parts.tsx';
import { useAct, useAsk } from '../data/station.tsx';
import { Mark } from '../frame/Mark.tsx';
import { useScanner } from '../scanner/ScannerProvider.tsx';
import { useShortcut } from '../shortcuts.tsx';
import { useWords } from '../words/words.tsx';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const PIN_MIN = 4;
const PIN_MAX = 12;

function PinPad({
  pin,
  onChange,
  onEnter,
  ready,
}: {
  pin: string;
  onChange: (pin: string) => void;
  onEnter: () => void;
  ready: boolean;
}): ReactNode {
  const { t, plural } = useWords();
  const add = (digit: string): void => onChange((pin + digit).slice(0, PIN_MAX));
  const remove = (): void => onChange(pin.slice(0, -1));
  for (const digit of [...DIGITS, '0']) {
    // biome-ignore lint/correctness/useHookAtTopLevel: ten digits, always
    useShortcut(digit, () => add(digit), true, true);
  }
  useShortcut('Backspace', remove);
  useShortcut('Enter', onEnter, ready);
  return (
    <div>
      <div className="pin-dots" role="status" aria-label={plural(t.signIn.digits, pin.length)}>
        {pin === '' ? t.signIn.pin : [...pin].map((_, index) => <i key={`dot-${index.toString()}`} />)}
      </div>
      <div className="pin-pad">
        {DIGITS.map((digit) => (
          <Button key={digit} preventFocusOnPress className="pin-key" onPress={() => add(digit)}>
            {digit}
          </Button>
        ))}
        <Button
          preventFocusOnPress
          className="pin-key"
          aria-label={t.signIn.delete}
          onPress={remove}
          isDisabled={pin === ''}
        >
          <Icon name="ui/backspace" size={30} />
        </Button>
        <Button preventFocusOnPress className="pin-key" onPress={() => add('0')}>
          0
        </Button>
        <Button preventFocusOnPress className="pin-key pin-key-enter" onPress={onEnter} isDisabled={!ready}>
          {t.signIn.enter}
        </Button>
      </div>
    </div>
  );
}

export function SignIn({ session }: { session: Session }): ReactNode {
  const { t } = useWords();
  const names = useAsk('session.operatorNames', {});
  const signIn = useAct('session.signIn');
  const [chosen, setChosen] = useState<string>();
  const [pin, setPin] = useState('');
  const people = names.data ?? [];
  const operatorName = chosen ?? (people.length === 1 ? people[0] : undefined);

  useScanner((badge) => {
    // Digits of the badge went into the PIN before it was known to be a badge.
    setPin('');
    signIn.mutate({ kind: 'badge', badge });
  });
  const enter = (): void => {
    if (operatorName === undefined) return;
    signIn.mutate({ kind: 'pin', operatorName, pin }, { onError: () => setPin('') });
  };

  return (
    <main className="alone">
      <header className="alone-head">
        <Mark />
        <div>
          <strong>{session.station?.stationName}</strong>
          <div className="small">{session.station?.site}</div>
        </div>
      </header>
      <div className="sign-in">
        <section className="stack">
          <div>
            <h1>{t.signIn.title}</h1>
            <p className="dim">{t.signIn.lead}</p>
          </div>
          <fieldset className="people" aria-label={t.signIn.names}>
            {people.map((name) => (
              <ToggleButton
                key={name}
                className="person"
                isSelected={name === operatorName}
                onChange={() => {
                  setChosen(name);
                  setPin('');
                  signIn.reset();
                }}
              >
                <Icon name="ui/operator" size={28} />
                <span>{name}</span>
              </ToggleButton>
            ))}
          </fieldset>
          <p className="row dim">
            <Icon name="ui/scan" size={28} />
            {t.signIn.scanBadge}
          </p>
        </section>
        <section className="stack" aria-label={t.signIn.pin}>
          <PinPad
            pin={pin}
            onChange={setPin}
            onEnter={enter}
            ready={operatorName !== undefined && pin.length >= PIN_MIN && !signIn.isPending}
          />
          {pin !== '' ? null : <FailureNote error={signIn.error} />}
          {operatorName === undefined && pin !== '' ? <p className="dim">{t.signIn.choose}</p> : null}
        </section>
      </div>
    </main>
  );
}
