// The wire inside Electron. The preload's one frozen object asks main for a port to the station process; the port itself
// can only come as a message of this window to itself, because a bridge cannot carry one.

import { wireOfPort } from '../../core/contract/rpc/wire.ts';
import type { Connect } from './connection.ts';

/**
 * What the preload script exposes as `window.keyline`. After `connect()`, and again whenever the station was restarted,
 * it posts `{ keyline: 'port' }` to the window with one MessagePort; when the station ended, `{ keyline: 'lost' }`.
 */
export interface PreloadBridge {
  connect(): void;
}

declare global {
  interface Window {
    readonly keyline?: PreloadBridge;
  }
}

const kindOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'keyline' in data ? data.keyline : undefined;

export const connectElectron =
  (bridge: PreloadBridge): Connect =>
  (listener) => {
    let current: ReturnType<typeof wireOfPort> | undefined;
    const receive = (event: MessageEvent): void => {
      // Only this window's own preload: no frame, no opener.
      if (event.source !== window) return;
      const kind = kindOf(event.data);
      const port = event.ports[0];
      if (kind === 'port' && port !== undefined) {
        current?.lost();
        current = wireOfPort(port);
        listener.connected(current);
      } else if (kind === 'lost') {
        current?.lost();
        current = undefined;
        listener.lost();
      }
    };
    window.addEventListener('message', receive);
    bridge.connect();
    return () => {
      window.removeEventListener('message', receive);
      current?.close();
    };
  };
