// How the window reaches its station. Two adapters make one of these: Electron's MessagePort and a browser's WebSocket.

import type { Wire } from '../../core/contract/rpc/wire.ts';

export interface ConnectionListener {
  /** A fresh wire: the first, or one to a station that was started again. */
  connected(wire: Wire): void;
  /** The station is gone; the adapter tries again by itself. */
  lost(): void;
  /** It will not come back: the link is wrong or another window has the session. */
  refused(): void;
}

/** Starts connecting; returns a function that stops. */
export type Connect = (listener: ConnectionListener) => () => void;
