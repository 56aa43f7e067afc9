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

/** Says it as it is; gives what comes back first. */
export const say = (page: Page, data: unknown): Promise<string> =>
  page.evaluate(
    (said) =>
      new Promise<string>((resolve) => {
        const { heldPort } = globalThis as unknown as Held;
        heldPort.addEventListener('message', (event) => resolve(String(event.data)), { once: true });
        heldPort.postMessage(said);
      }),
    data,
  );

export const ask = <T>(page: Page, method: string, input: unknown): Promise<T> =>
  page.evaluate(([name, given]) => (globalThis as unknown as Held).ask(name as string, given), [
    method,
    input,
  ] as const) as Promise<T>;
