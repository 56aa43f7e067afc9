// Anything that carries text both ways, seen alike. Each function below adapts one real thing by its shape; core knows
// neither DOM nor Electron types.

/** One end of a connection. `close` is idempotent; `onClose` fires once, whoever closed. */
export interface Wire {
  send(text: string): void;
  onMessage(listener: (data: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

type Listener = (value: unknown) => void;

/** A MessagePort as in a browser, a worker or Node, which share `onmessage`. */
export interface PortLike {
  postMessage(message: unknown): void;
  close(): void;
  onmessage: ((event: never) => void) | null;
}

/** An EventEmitter port: Electron's MessagePortMain. */
export interface EmitterPortLike {
  postMessage(message: unknown): void;
  close(): void;
  start(): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** A WebSocket as in a browser or in the ws package. */
export interface SocketLike {
  send(text: string): void;
  close(): void;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
}

/** Any handler fits a property that expects `never`; what arrives is `unknown` to us all the same. */
const heard =
  (listener: Listener): ((event: { readonly data: unknown }) => void) =>
  (event) =>
    listener(event.data);

/** Tells listeners once. */
function once(): { fire: () => void; add: (listener: () => void) => void } {
  const listeners: (() => void)[] = [];
  let fired = false;
  return {
    fire: () => {
      if (fired) return;
      fired = true;
      for (const listener of listeners) listener();
    },
    add: (listener) => {
      if (fired) listener();
      else listeners.push(listener);
    },
  };
}

/** A browser's MessagePort tells nobody when its other end is gone: `lost` lets the owner say so. */
export function wireOfPort(port: PortLike): Wire & { lost(): void } {
  const closed = once();
  return {
    send: (text) => port.postMessage(text),
    onMessage: (listener) => {
      port.onmessage = heard(listener);
    },
    onClose: closed.add,
    close: () => {
      port.close();
      closed.fire();
    },
    lost: closed.fire,
  };
}

export function wireOfEmitterPort(port: EmitterPortLike): Wire {
  const closed = once();
  port.on('close', closed.fire);
  return {
    send: (text) => port.postMessage(text),
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: closed.add,
    close: () => {
      port.close();
      closed.fire();
    },
  };
}

export function wireOfSocket(socket: SocketLike): Wire {
  const closed = once();
  socket.onclose = closed.fire;
  return {
    send: (text) => socket.send(text),
    onMessage: (listener) => {
      socket.onmessage = heard(listener);
    },
    onClose: closed.add,
    close: () => {
      socket.close();
      closed.fire();
    },
  };
}

/** Two ends in one process, for tests and the fake; messages arrive in a later turn, as over a real wire. */
export function wirePair(): readonly [Wire, Wire] {
  const closed = once();
  const end = (): { wire: Wire; deliver: Listener; peer: { deliver: Listener } } => {
    let receive: Listener | undefined;
    const early: unknown[] = [];
    const peer = { deliver: (_: unknown): void => {} };
    const deliver: Listener = (data) => {
      queueMicrotask(() => (receive === undefined ? early.push(data) : receive(data)));
    };
    const wire: Wire = {
      send: (text) => peer.deliver(text),
      onMessage: (listener) => {
        receive = listener;
        for (const data of early.splice(0)) listener(data);
      },
      onClose: closed.add,
      close: closed.fire,
    };
    return { wire, deliver, peer };
  };
  const left = end();
  const right = end();
  left.peer.deliver = right.deliver;
  right.peer.deliver = left.deliver;
  return [left.wire, right.wire];
}
