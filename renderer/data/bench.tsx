// What is done on the bench from anywhere in the window: start with a scan, choose a bay, stop all.

import { createContext, type ReactNode, useContext, useMemo, useRef, useState } from 'react';
import type { Bay } from '../../core/contract/schemas/bays.ts';
import { useToasts } from '../components/Toasts.tsx';
import { useNavigation } from '../navigation.ts';
import { useScanner } from '../scanner/ScannerProvider.tsx';
import { useWords } from '../words/words.tsx';
import { bayInScan, inBenchOrder, nextBay } from './nextBay.ts';
import { useAct, useAsk } from './station.tsx';

/** What is done; the same functions for as long as the window lives, so that a card needs no new look for them. */
interface BenchActions {
  choose(bayName: string): void;
  /** Takes what was scanned or typed: a bay's barcode or a device serial. */
  take(text: string): void;
  retry(bayName: string, replace: boolean): void;
  stop(bayName: string): void;
  stopAll(): void;
}

/** The last scan that started a run. */
interface Taken {
  readonly deviceSerial: string;
  readonly bayName: string;
}

interface Bench {
  /** In the order of the bench. */
  readonly bays: readonly Bay[];
  readonly loading: boolean;
  readonly error: unknown;
  /** The bay that the next scan starts. */
  readonly next: Bay | undefined;
  /** The bay that keys act on: the chosen one, whatever its state, else the next. */
  readonly subject: Bay | undefined;
  readonly taken: Taken | undefined;
}

const Context = createContext<Bench | undefined>(undefined);
const ActionsContext = createContext<BenchActions | undefined>(undefined);

export function useBench(): Bench {
  const bench = useContext(Context);
  if (bench === undefined) throw new Error('useBench outside BenchProvider');
  return bench;
}

export function useBenchActions(): BenchActions {
  const actions = useContext(ActionsContext);
  if (actions === undefined) throw new Error('useBenchActions outside BenchProvider');
  return actions;
}

export function BenchProvider({ children }: { children: ReactNode }): ReactNode {
  const { t, fill } = useWords();
  const toasts = useToasts();
  const { place, go } = useNavigation();
  const [chosen, setChosen] = useState<string>();
  const [taken, setTaken] = useState<Taken>();
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
          setTaken({ deviceSerial: text, bayName });
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

  const now: BenchActions = {
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
  const latest = useRef(now);
  latest.current = now;
  const [actions] = useState<BenchActions>(() => ({
    choose: (bayName) => latest.current.choose(bayName),
    take: (text) => latest.current.take(text),
    retry: (bayName, replace) => latest.current.retry(bayName, replace),
    stop: (bayName) => latest.current.stop(bayName),
    stopAll: () => latest.current.stopAll(),
  }));

  const bench: Bench = {
    bays,
    loading: asked.isPending,
    error: asked.error,
    next,
    subject: bays.find((bay) => bay.bayName === chosen) ?? next,
    taken,
  };
  return (
    <ActionsContext value={actions}>
      <Context value={bench}>{children}</Context>
    </ActionsContext>
  );
}
