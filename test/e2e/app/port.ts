// The port to the station in a test's own hands, beside the window's: what a page could do that got hold of it.

import type { Page } from 'playwright-core';
import { CONTRACT_VERSION } from '../../../core/contract/limits.ts';

interface Held {
  heldPort: MessagePort;
  /** The station's answer, or its failure thrown. */
  ask(method: string, input: unknown): Promise<unknown>;
}

interface Reply {
  readonly output?: unknown;
  readonly failure?: { readonly code: string };
}

/** Asks the preload for another port; the station then serves this one. */
export const takePort = (page: Page): Promise<void> =>
  page.evaluate((version) => {
    const own = globalThis as unknown as Held & { keyline: { connect(): void } };
    const waiting = new Map<number, (reply: Reply) => void>();
    // The window speaks through the same port and counts from 1.
    let id = 1_000_000_000;
    own.ask = (method, input) =>
      new Promise((resolve, reject) => {
        id += 1;
        waiting.set(id, ({ output, failure }) =>
          failure === undefined ? resolve(output) : reject(new Error(failure.code)),
        );
        own.heldPort.postMessage(JSON.stringify({ version, kind: 'call', id, method, input }));
      });
    return new Promise<void>((resolve) => {
      window.addEventListener('message', ({ data, ports }) => {
        const [port] = ports;
        if (data?.keyline !== 'port' || port === undefined) return;
        own.heldPort = port;
        port.addEventListener('message', (event) => {
          const reply = JSON.parse(String(event.data)) as Reply & { id?: number };
          waiting.get(reply.id ?? 0)?.(reply);
          waiting.delete(reply.id ?? 0);
        });
        resolve();
      });
      own.keyline.connect();
    });
  }, CONTRACT_VERSION);

/** For calls that are said: the window's own count from 1, those that are asked from a thousand million. */
export const SAID_ID = 2_000_000_000;

/** Says it as it is; gives the refusal or the answer to {@link SAID_ID}, not what the window is told meanwhile. */
export const say = (page: Page, data: unknown): Promise<string> =>
  page.evaluate(
    ([said, saidId]) =>
      new Promise<string>((resolve) => {
        const { heldPort } = globalThis as unknown as Held;
        const listen = (event: MessageEvent): void => {
          const reply = JSON.parse(String(event.data)) as { kind: string; id?: number };
          if (reply.kind !== 'refused' && reply.id !== saidId) return;
          heldPort.removeEventListener('message', listen);
          resolve(String(event.data));
        };
        heldPort.addEventListener('message', listen);
        heldPort.postMessage(said);
      }),
    [data, SAID_ID] as const,
  );

export const ask = <T>(page: Page, method: string, input: unknown): Promise<T> =>
  page.evaluate(([name, given]) => (globalThis as unknown as Held).ask(name as string, given), [
    method,
    input,
  ] as const) as Promise<T>;
