// What is done on the bench from anywhere in the window: start with a scan, choose a bay, stop all.

import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import type { Bay } from '../../core/contract/schemas/bays.ts';
import { useToasts } from '../components/Toasts.tsx';
import { useNavigation } from '../navigation.ts';
import { useScanner } from '../scanner/ScannerProvider.tsx';
import { useWords } from '../words/words.tsx';
import { bayInScan, inBenchOrder, nextBay } from './nextBay.ts';
import { useAct, useAsk } from './station.tsx';

interface Bench {
  /** In the order of the bench. */
  readonly bays: readonly Bay[];
  readonly loading: boolean;
  readonly error: unknown;
  /** The bay that the next scan starts. */
  readonly next: Bay | undefined;
  /** The bay that keys act on: the chosen one, whatever its state, else the next. */
  readonly subject: Bay | undefined;
  choose(bayName: string): void;
  /** Takes what was scanned or typed: a bay's barcode or a device serial. */
  take(text: string): void;
  retry(bayName: string, replace: boolean): void;
  stop(bayName: string): void;
  stopAll(): void;
}

const Context = createContext<Bench | undefined>(undefined);

export function useBench(): Bench {
  const bench = useContext(Context);
  if (bench === undefined) throw new Error('useBench outside BenchProvider');
  return bench;
}

export function BenchProvider({ children }: { children: ReactNode }): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const { place, go } = useNavigation();
  const [chosen, setChosen] = useState<string>();
  const asked = useAsk('bays.list', {}, { staleMs: Number.POSITIVE_INFINITY });
  const start = useAct('bays.start');
  const retry = useAct('bays.retry');
  const stop = useAct('bays.stop');
  const stopAll = useAct('bays.stopAll');
  const bays = useMemo(() => inBenchOrder(asked.data ?? []), [asked.data]);
  const next = nextBay(bays, chosen);

  const notStarted = (bayName: string) => (error: unknown) =>
    toasts.fail(error, fill(t.provision.runFailed, { bay: bayName }));

  const take = (text: string): void => {
    const named = bayInScan(text);
    if (named !== undefined) {
      setChosen(bays.find((bay) => bay.bayName.toLowerCase() === named.toLowerCase())?.bayName);
      return;
    }
    if (next === undefined) {
      toasts.say(t.provision.noBay, t.provision.noBayNext);
      return;
    }
    const { bayName } = next;
    start.mutate(
      { bayName, deviceSerial: text, replace: false },
      {
        onSuccess: () => {
          toasts.say(fill(t.provision.scanned, { serial: text, bay: bayName }));
          setChosen(undefined);
        },
        onError: notStarted(bayName),
      },
    );
  };

  useScanner((text) => {
    if (place.screen !== 'provision') go({ screen: 'provision' });
    take(text);
  });

  const bench: Bench = {
    bays,
    loading: asked.isPending,
    error: asked.error,
    next,
    subject: bays.find((bay) => bay.bayName === chosen) ?? next,
    choose: setChosen,
    take,
    retry: (bayName, replace) => retry.mutate({ bayName, replace }, { onError: notStarted(bayName) }),
    stop: (bayName) => stop.mutate({ bayName }, { onError: (error) => toasts.fail(error) }),
    stopAll: () =>
      stopAll.mutate(
        {},
        { onSuccess: () => toasts.say(t.provision.stoppedAll), onError: (error) => toasts.fail(error) },
      ),
  };
  return <Context value={bench}>{children}</Context>;
}
