// Doctor's look at the crypto library: the core's self-check on a throw-away station.

import { selfCheck } from '../../core/host/selfCheck.ts';
import { profilesFolder, targetsFolder } from '../resources.ts';
import { type Finding, ok, problem } from './check.ts';

export async function checkCrypto(signal: AbortSignal): Promise<readonly Finding[]> {
  const results = await selfCheck({ profilesFolder, targetsFolder }, signal);
  return results.map(({ name, problem: reason, durationMs }) =>
    reason === undefined
      ? ok('self-check', `${name}: ${durationMs} ms`)
      : problem('self-check', `${name}: ${reason}`, 'Use the Node that npm ci brings, then run this again.'),
  );
}
