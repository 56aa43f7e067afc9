// The way between the screens.

import type { ReactNode } from 'react';
import { Button } from 'react-aria-components';
import { Icon } from '../components/Icon.tsx';
import { SCREENS, useNavigation } from '../navigation.ts';
import { useWords } from '../words/words.tsx';

export function Rail({ onKeys, onSignOut }: { onKeys: () => void; onSignOut: () => void }): ReactNode {
  const { t } = useWords();
  const { place, go } = useNavigation();
  return (
    <nav className="rail" aria-label={t.navigation.label}>
      {SCREENS.map((screen) => (
        <Button
          key={screen}
          className="rail-item"
          onPress={() => go({ screen })}
          {...(place.screen === screen ? { 'aria-current': 'page' as const } : {})}
        >
          <Icon name={`ui/${screen}`} size={26} />
          {t.navigation[screen]}
        </Button>
      ))}
      <span className="rail-spring" />
      <Button className="rail-item" onPress={onKeys}>
        <Icon name="ui/help" size={26} />
        {t.status.help}
      </Button>
      <Button className="rail-item" onPress={onSignOut}>
        <Icon name="ui/sign-out" size={26} />
        {t.status.signOut}
      </Button>
    </nav>
  );
}
