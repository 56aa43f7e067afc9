// The names on which main and preload speak, and what main tells the station process. Payloads never pass through main.

import type { KeychainAnswer } from './keychain.ts';

export const APP_ORIGIN = 'keyline://app';
export const CHANNELS = { connect: 'keyline:connect', port: 'keyline:port', lost: 'keyline:lost' } as const;

/** The first argument of the station process. */
export interface StationConfig {
  readonly dataRoot: string;
  readonly resourcesFolder: string;
  readonly softwareVersion: string;
  /** It replaces one that died. */
  readonly restarted: boolean;
}

/** `interface` comes with one MessagePort; `ping` is answered with anything. */
export type StationMessage =
  | { readonly kind: 'interface' }
  | { readonly kind: 'ping' }
  | KeychainAnswer
  | { readonly kind: 'close' };
