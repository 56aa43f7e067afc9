// The operating system's keychain as a station may use it. Which one it is, and in what process, the host knows.

import { StationError } from '../domain/stationError.ts';

/** Why nothing is entrusted to it; resources/text has the words. */
export type KeychainTrouble = 'no-keychain' | 'keychain-unavailable' | 'basic-text' | 'practice-keychain';

export interface Keychain {
  /** Undefined: it can be used. */
  trouble(): Promise<KeychainTrouble | undefined>;
  /** Gives base64 that only the same account on the same computer can open. */
  seal(text: string): Promise<string>;
  /** Throws `keychain_refused` for what was sealed elsewhere. */
  open(sealed: string): Promise<string>;
}

export const keychainRefused = (reason: string): StationError =>
  new StationError('keychain_refused', { reason });

/** For hosts without one: `keyline serve` and the command line. */
export const noKeychain: Keychain = {
  trouble: async () => 'no-keychain',
  seal: async () => {
    throw keychainRefused('no-keychain');
  },
  open: async () => {
    throw keychainRefused('no-keychain');
  },
};
