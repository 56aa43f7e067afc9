// The wire in a browser: a WebSocket to the `keyline serve` that served this page, with the token from the address's
// fragment, which is never sent in a request line and is taken out of the address at once.

import { wireOfSocket } from '../../core/contract/rpc/wire.ts';
import type { Connect } from './connection.ts';

const TOKEN_KEY = 'keyline-token';
const RETRY_MS = 500;
const SUBPROTOCOL = 'keyline.v1';
/** RFC 6455 7.4.2: codes of the application. The host closes with this one when the token or the session is refused. */
const CLOSE_REFUSED = 4403;

/** Takes the token out of the address and keeps it for reloads of this tab. */
function takeToken(): string | undefined {
  const token = /^#token=([A-Za-z0-9_-]{20,200})$/.exec(location.hash)?.[1];
  if (token !== undefined) {
    sessionStorage.setItem(TOKEN_KEY, token);
    history.replaceState(null, '', location.pathname + location.search);
    return token;
  }
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

export const connectWebSocket: Connect = (listener) => {
  const token = takeToken();
  if (token === undefined) {
    queueMicrotask(listener.refused);
    return () => {};
  }
  let stopped = false;
  let socket: WebSocket | undefined;
  let retry = 0;

  const open = (): void => {
    const address = new URL('station', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    address.hash = '';
    address.search = '';
    // A browser cannot set headers on a WebSocket; a subprotocol is the place that is not logged with the address.
    const opening = new WebSocket(address, [SUBPROTOCOL, `token.${token}`]);
    socket = opening;
    opening.onopen = () => {
      const wire = wireOfSocket(opening);
      const closed = opening.onclose;
      opening.onclose = (event) => {
        closed?.call(opening, event);
        ended(event);
      };
      listener.connected(wire);
    };
    opening.onclose = ended;
  };
  const ended = (event: CloseEvent): void => {
    if (stopped) return;
    if (event.code === CLOSE_REFUSED) {
      listener.refused();
      return;
    }
    listener.lost();
    retry = window.setTimeout(open, RETRY_MS);
  };
  open();
  return () => {
    stopped = true;
    window.clearTimeout(retry);
    socket?.close();
  };
};
