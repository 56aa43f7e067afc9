// Keyboard shortcuts. A single character waits a moment before it counts, because it may be the first of a scan.

import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';

const SCAN_WAIT_MS = 60;

type Handler = () => void;
interface Binding {
  readonly handler: Handler;
  readonly atOnce: boolean;
}
interface Shortcuts {
  bind(keys: string, binding: Binding): () => void;
}

const Context = createContext<Shortcuts | undefined>(undefined);

const isText = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

/** `Alt+1`, `Control+l`, `F8`, `?`. */
const nameOf = (event: KeyboardEvent): string =>
  `${event.ctrlKey || event.metaKey ? 'Control+' : ''}${event.altKey ? 'Alt+' : ''}${event.key}`;

export function ShortcutProvider({ children }: { children: ReactNode }): ReactNode {
  const bound = useRef(new Map<string, Binding[]>());

  useEffect(() => {
    let waiting = 0;
    let lastMs = Number.NEGATIVE_INFINITY;
    const press = (event: KeyboardEvent): void => {
      window.clearTimeout(waiting);
      const single = event.key.length === 1 && !event.altKey && !event.ctrlKey && !event.metaKey;
      const fast = single && event.timeStamp - lastMs <= SCAN_WAIT_MS;
      lastMs = single ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const binding = bound.current.get(nameOf(event))?.at(-1);
      if (binding === undefined || event.defaultPrevented) return;
      if (single && isText(event.target)) return;
      if (single && !binding.atOnce) {
        if (!fast) waiting = window.setTimeout(binding.handler, SCAN_WAIT_MS);
      } else {
        event.preventDefault();
        binding.handler();
      }
    };
    window.addEventListener('keydown', press);
    return () => {
      window.clearTimeout(waiting);
      window.removeEventListener('keydown', press);
    };
  }, []);

  const value = useMemo<Shortcuts>(
    () => ({
      bind: (keys, binding) => {
        const all = bound.current;
        all.set(keys, [...(all.get(keys) ?? []), binding]);
        return () =>
          all.set(
            keys,
            (all.get(keys) ?? []).filter((one) => one !== binding),
          );
      },
    }),
    [],
  );
  return <Context value={value}>{children}</Context>;
}

/**
 * Calls `handler` on the keys while mounted and enabled; the newest binding wins. `atOnce`: a single character counts
 * immediately; whoever asks for that must undo it when it turns out to be part of a scan.
 */
export function useShortcut(keys: string, handler: Handler, enabled = true, atOnce = false): void {
  const shortcuts = useContext(Context);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (!enabled || shortcuts === undefined) return;
    return shortcuts.bind(keys, { handler: () => latest.current(), atOnce });
  }, [shortcuts, keys, enabled, atOnce]);
}
