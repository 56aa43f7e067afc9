// The frame around every screen at work: status bar, rail, banners, and the shortcuts that work everywhere.

import { type ReactNode, useState } from 'react';
import { Confirm } from '../components/Dialog.tsx';
import { Problem } from '../components/Problem.tsx';
import { useBench } from '../data/bench.tsx';
import { useAct, useAsk, useStation } from '../data/station.tsx';
import { SCREENS, type ScreenName, useNavigation } from '../navigation.ts';
import { AuthorityScreen } from '../screens/authority/AuthorityScreen.tsx';
import { Inventory } from '../screens/inventory/Inventory.tsx';
import { Log } from '../screens/Log.tsx';
import { Orders } from '../screens/orders/Orders.tsx';
import { Provision } from '../screens/provision/Provision.tsx';
import { SettingsScreen } from '../screens/settings/SettingsScreen.tsx';
import { Shift } from '../screens/shift/Shift.tsx';
import { useShortcut } from '../shortcuts.tsx';
import { useWords } from '../words/words.tsx';
import { Banners } from './Banners.tsx';
import { KeyOverlay } from './KeyOverlay.tsx';
import { Rail } from './Rail.tsx';
import { StatusBar } from './StatusBar.tsx';
import { UnlockDialog } from './UnlockDialog.tsx';

function CurrentScreen({ screen }: { screen: ScreenName }): ReactNode {
  switch (screen) {
    case 'provision':
      return <Provision />;
    case 'orders':
      return <Orders />;
    case 'inventory':
      return <Inventory />;
    case 'authority':
      return <AuthorityScreen />;
    case 'log':
      return <Log />;
    case 'shift':
      return <Shift />;
    case 'settings':
      return <SettingsScreen />;
  }
}

export function Frame(): ReactNode {
  const { t } = useWords();
  const { place, go } = useNavigation();
  const bench = useBench();
  const { state } = useStation();
  const session = useAsk('session.get', {}, { staleMs: Number.POSITIVE_INFINITY }).data;
  const lock = useAct('authority.lock');
  const signOut = useAct('session.signOut');
  const leave = useAct('practice.leave');
  const [keysShown, showKeys] = useState(false);
  const [unlocking, setUnlocking] = useState(false);
  const [leaving, setLeaving] = useState(false);

  useShortcut('F8', bench.stopAll);
  useShortcut('?', () => showKeys(true));
  useShortcut('F1', () => showKeys(true));
  useShortcut('Control+l', () => lock.mutate({}));
  for (const [index, screen] of SCREENS.entries()) {
    // biome-ignore lint/correctness/useHookAtTopLevel: the list never changes, so neither does the number of hooks
    useShortcut(`Alt+${index + 1}`, () => go({ screen }));
  }

  if (session === undefined) return null;
  return (
    <div className="frame">
      <StatusBar session={session} onUnlock={() => setUnlocking(true)} />
      <Rail
        onKeys={() => showKeys(true)}
        onSignOut={() => (session.practice ? setLeaving(true) : signOut.mutate({}))}
      />
      <div className="body">
        <Banners session={session} onLeavePractice={() => setLeaving(true)} />
        {/* Without a station nothing can be done: what is shown is the last that was known. */}
        <div className="screen-place" inert={state === 'lost'}>
          <Problem key={place.screen}>
            <CurrentScreen screen={place.screen} />
          </Problem>
        </div>
      </div>
      {keysShown ? <KeyOverlay onClose={() => showKeys(false)} /> : null}
      {unlocking ? <UnlockDialog onClose={() => setUnlocking(false)} /> : null}
      {leaving ? (
        <Confirm
          title={t.status.leavePractice}
          note={t.welcome.practiceNote}
          confirm={t.status.leavePractice}
          pending={leave.isPending}
          onConfirm={() => leave.mutate({})}
          onClose={() => setLeaving(false)}
        />
      ) : null}
    </div>
  );
}
