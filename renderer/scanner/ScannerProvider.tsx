// Catches the scanner wherever the focus is, before anything else sees its keys, and gives what was scanned to the screen
// that asked last. Characters that had already gone into a field are taken out again.

import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';
import { createScanDetector } from './scanDetector.ts';

type ScanHandler = (text: string) => void;

interface Scanner {
  /** The newest handler gets the scans until the returned function is called. */
  claim(handler: ScanHandler): () => void;
}

const Context = createContext<Scanner | undefined>(undefined);

/** A field so marked keeps what was scanned into it, as if it had been typed. */
export const KEEPS_SCANS = 'data-keeps-scans';

const fieldOf = (target: EventTarget | null): HTMLInputElement | HTMLTextAreaElement | undefined =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : undefined;

/** React only notices a value that was set through the element's own setter. */
function setValue(field: HTMLInputElement | HTMLTextAreaElement, value: string): void {
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set;
  setter?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

export function ScannerProvider({ children }: { children: ReactNode }): ReactNode {
  const handlers = useRef<ScanHandler[]>([]);

  useEffect(() => {
    const detector = createScanDetector();
    let before:
      | { readonly field: HTMLInputElement | HTMLTextAreaElement; readonly value: string }
      | undefined;

    const press = (event: KeyboardEvent): void => {
      if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) {
        detector.reset();
        return;
      }
      const field = fieldOf(event.target);
      const judgement = detector.feed(event.key, event.timeStamp);
      switch (judgement.kind) {
        case 'key':
          if (event.key !== 'Shift') before = field === undefined ? undefined : { field, value: field.value };
          return;
        case 'burst':
          // A space within a scan must not press the button that has the focus.
          if (field === undefined && event.key === ' ') {
            event.preventDefault();
            event.stopImmediatePropagation();
          }
          return;
        case 'scan': {
          if (field?.hasAttribute(KEEPS_SCANS)) return;
          event.preventDefault();
          event.stopImmediatePropagation();
          if (before !== undefined) setValue(before.field, before.value);
          handlers.current.at(-1)?.(judgement.text);
          return;
        }
      }
    };
    window.addEventListener('keydown', press, { capture: true });
    return () => window.removeEventListener('keydown', press, { capture: true });
  }, []);

  const scanner = useMemo<Scanner>(
    () => ({
      claim: (handler) => {
        handlers.current = [...handlers.current, handler];
        return () => {
          handlers.current = handlers.current.filter((one) => one !== handler);
        };
      },
    }),
    [],
  );
  return <Context value={scanner}>{children}</Context>;
}

/** Receives scans while mounted and enabled; the newest claim wins. */
export function useScanner(handler: ScanHandler, enabled = true): void {
  const scanner = useContext(Context);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    if (!enabled || scanner === undefined) return;
    return scanner.claim((text) => latest.current(text));
  }, [scanner, enabled]);
}
