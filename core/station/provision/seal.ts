// The last phase, where it was asked for: the device locks what it holds. There is no way back.

import { StationError } from '../../domain/stationError.ts';
import { type RunContext, reservedParts, runPhase } from './context.ts';

/** Seals the device. A device that fails here keeps its verified credential, and the run says that it is not sealed. */
export async function seal(context: RunContext): Promise<void> {
  const { ports } = context;
  const { credentialId, session } = reservedParts(context);
  await runPhase(context, 'seal', async () => {
    if (session.seal === undefined) throw new StationError('capability_missing', { capability: 'sealing' });
    return { value: undefined, evidence: await session.seal() };
  });
  ports.inventory.recordSealed(credentialId, ports.clock.nowMs());
}
