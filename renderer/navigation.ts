// Where the window is. A place is data; screens are chosen by it.

import { createContext, useContext } from 'react';

export const SCREENS = ['provision', 'orders', 'inventory', 'authority', 'log', 'shift', 'settings'] as const;
export type ScreenName = (typeof SCREENS)[number];

export interface Place {
  readonly screen: ScreenName;
  /** On the inventory: the device that is open. */
  readonly deviceSerial?: string;
  /** On the settings: the tab that is open. */
  readonly tab?: string;
}

export interface Navigation {
  readonly place: Place;
  go(place: Place): void;
}

export const NavigationContext = createContext<Navigation>({ place: { screen: 'provision' }, go: () => {} });
export const useNavigation = (): Navigation => useContext(NavigationContext);
