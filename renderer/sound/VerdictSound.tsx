// Listens for verdicts and sounds them, whichever screen is open.

import { type ReactNode, useEffect } from 'react';
import { useAsk, useStation } from '../data/station.tsx';
import { playVerdict } from './verdictSound.ts';

export function VerdictSound(): ReactNode {
  const { client } = useStation();
  const settings = useAsk('settings.get', {}, { staleMs: Number.POSITIVE_INFINITY }).data;
  const volume = settings?.soundEnabled ? settings.soundVolume : 0;
  useEffect(() => {
    if (client === undefined || volume === 0) return;
    return client.on('bay.verdict', ({ outcome }) => playVerdict(outcome, volume));
  }, [client, volume]);
  return null;
}
