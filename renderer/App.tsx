// The window as a whole: which of its four faces is shown (connecting, first start, sign in, at work), in which theme and
// language.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import type { Settings } from '../core/contract/schemas/session.ts';
import { Problem } from './components/Problem.tsx';
import { ToastProvider } from './components/Toasts.tsx';
import type { Connect } from './connection/connection.ts';
import { BenchProvider } from './data/bench.tsx';
import { StationProvider, useAsk, useStation } from './data/station.tsx';
import { Frame } from './frame/Frame.tsx';
import { NavigationContext, type Place } from './navigation.ts';
import { ScannerProvider } from './scanner/ScannerProvider.tsx';
import { Connecting } from './screens/Connecting.tsx';
import { SignIn } from './screens/SignIn.tsx';
import { Welcome } from './screens/welcome/Welcome.tsx';
import { ShortcutProvider } from './shortcuts.tsx';
import { VerdictSound } from './sound/VerdictSound.tsx';
import type { Language } from './words/text.ts';
import { WordsProvider } from './words/words.tsx';

const firstLanguage = (): Language => (navigator.language.startsWith('de') ? 'de' : 'en');

function useTheme(theme: Settings['theme']): void {
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const more = window.matchMedia('(prefers-contrast: more)');
    const apply = (): void => {
      const own = more.matches ? 'contrast' : dark.matches ? 'dark' : 'light';
      document.documentElement.dataset.theme = theme === 'system' ? own : theme;
    };
    apply();
    for (const query of [dark, more]) query.addEventListener('change', apply);
    return () => {
      for (const query of [dark, more]) query.removeEventListener('change', apply);
    };
  }, [theme]);
}

function AtWork(): ReactNode {
  const [place, go] = useState<Place>({ screen: 'provision' });
  return (
    <NavigationContext value={{ place, go }}>
      <BenchProvider>
        <VerdictSound />
        <Frame />
      </BenchProvider>
    </NavigationContext>
  );
}

function Face(): ReactNode {
  const { state } = useStation();
  const session = useAsk('session.get', {}, { staleMs: Number.POSITIVE_INFINITY });
  const [welcoming, setWelcoming] = useState(false);
  const stage = session.data?.stage;
  useEffect(() => {
    // The recovery sheet comes after the station exists: the welcome ends when it says so.
    if (stage === 'no-station') setWelcoming(true);
  }, [stage]);

  if (session.data === undefined) return <Connecting state={state} error={session.error} />;
  if (session.data.practice && welcoming) setWelcoming(false);
  if (welcoming || stage === 'no-station') return <Welcome onDone={() => setWelcoming(false)} />;
  if (stage === 'signed-out') return <SignIn session={session.data} />;
  return <AtWork />;
}

function Dressed(): ReactNode {
  const settings = useAsk('settings.get', {}, { staleMs: Number.POSITIVE_INFINITY });
  const language = settings.data?.language ?? firstLanguage();
  useTheme(settings.data?.theme ?? 'system');
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <I18nProvider locale={language === 'en' ? 'en-GB' : language}>
      <WordsProvider language={language}>
        <ToastProvider>
          <Problem>
            <Face />
          </Problem>
        </ToastProvider>
      </WordsProvider>
    </I18nProvider>
  );
}

export function App({ connect }: { connect: Connect }): ReactNode {
  const [queries] = useState(
    () =>
      new QueryClient({
        // The station is on this computer: a failure is an answer, not a flaky network.
        defaultOptions: {
          queries: { retry: false, refetchOnWindowFocus: false, networkMode: 'always', staleTime: 2_000 },
          mutations: { networkMode: 'always' },
        },
      }),
  );
  return (
    <QueryClientProvider client={queries}>
      <StationProvider connect={connect}>
        <ScannerProvider>
          <ShortcutProvider>
            <Dressed />
          </ShortcutProvider>
        </ScannerProvider>
      </StationProvider>
    </QueryClientProvider>
  );
}
