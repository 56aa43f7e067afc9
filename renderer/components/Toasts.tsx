// Short messages that pass: what was done, or why it was not. Failures stay until they are dismissed.

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { failureIn } from '../data/station.tsx';
import { useWords } from '../words/words.tsx';
import { Button } from './controls.tsx';
import { Icon } from './Icon.tsx';

const SHOWN_MS = 5_000;
const MAX_SHOWN = 3;

interface Toast {
  readonly id: number;
  readonly bad: boolean;
  readonly what: string;
  readonly next: string | undefined;
}

interface Toasts {
  say(what: string, next?: string): void;
  /** Says what failed; `title` stands before it. */
  fail(error: unknown, title?: string): void;
}

const Context = createContext<Toasts>({ say: () => {}, fail: () => {} });
export const useToasts = (): Toasts => useContext(Context);

let nextId = 1;

export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const words = useWords();
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const remove = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const add = useCallback(
    (toast: Omit<Toast, 'id'>) => {
      const id = nextId++;
      setToasts((all) =>
        [...all.filter((one) => one.what !== toast.what), { ...toast, id }].slice(-MAX_SHOWN),
      );
      if (!toast.bad) window.setTimeout(() => remove(id), SHOWN_MS);
    },
    [remove],
  );
  const value = useMemo<Toasts>(
    () => ({
      say: (what, next) => add({ bad: false, what, next }),
      fail: (error, title) => {
        const { what, next } = words.failure(failureIn(error));
        add({ bad: true, what: title === undefined ? what : `${title}: ${what}`, next });
      },
    }),
    [add, words],
  );
  return (
    <Context value={value}>
      {children}
      <div className="toast-place" aria-live="polite">
        {toasts.map((toast) => (
          <div
            key={toast.id}
            className={toast.bad ? 'toast toast-bad' : 'toast'}
            role={toast.bad ? 'alert' : 'status'}
          >
            <Icon name={toast.bad ? 'ui/warning' : 'ui/check'} />
            <div>
              <strong>{toast.what}</strong>
              {toast.next === undefined ? null : <p>{toast.next}</p>}
            </div>
            <Button
              small
              icon="ui/close"
              aria-label={words.t.common.close}
              onPress={() => remove(toast.id)}
            />
          </div>
        ))}
      </div>
    </Context>
  );
}
