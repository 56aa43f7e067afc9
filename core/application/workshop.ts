// What can be done only while the authority is unlocked: signing, and proving against the edge server. It closes by itself
// at the end of the shift, and when nothing was signed for long, but never under a run.

import { StationKeyMaker } from '../authority/keys.ts';
import { Secret } from '../domain/secret.ts';
import { drivers } from '../host/drivers.ts';
import { passwordMaker } from '../host/passwords.ts';
import { startEdge } from '../host/startEdge.ts';
import { systemRandom } from '../host/systemRandom.ts';
import { createTranscriptFiles } from '../inventory/transcripts/transcriptFiles.ts';
import { createLink } from '../link/driverRegistry.ts';
import type { House } from './house.ts';
import { tellSession, type Workshop, type World } from './world.ts';

const MINUTE_MS = 60_000;

/** Opens the authority with the passphrase and starts the edge server. `passphrase_wrong`, `edge_unavailable`, … */
export async function unlock(
  world: World,
  house: House,
  passphraseText: string,
  lockAfterMinutes: number,
): Promise<void> {
  const passphrase = Secret.fromText(passphraseText);
  const { authority, inventory, folder, facts } = house;
  const { clock } = world;
  try {
    authority.unlock(passphrase);
    if (world.workshop !== undefined) {
      // Unlocked again before it locked: the shift goes on with what is open.
      world.workshop.unlockedAtMs = clock.nowMs();
      world.workshop.locksAtMs = clock.nowMs() + lockAfterMinutes * MINUTE_MS;
      world.workshop.closing = false;
      passphrase.wipe();
      return;
    }
    const random = systemRandom;
    const edge = await startEdge({
      ...{ folder, site: facts.site, inventory, authority, passphrase, clock, random },
      profilesFolder: world.options.profilesFolder,
    });
    const workshop: Workshop = {
      ports: {
        authority,
        inventory,
        keys: new StationKeyMaker(),
        passwords: passwordMaker(random),
        edge: edge.proof,
        link: createLink({ drivers, openTransport: house.openTransport, listPorts: house.listPorts }),
        transcripts: createTranscriptFiles(folder.transcripts, clock),
        clock,
        random,
      },
      unlockedAtMs: clock.nowMs(),
      locksAtMs: clock.nowMs() + lockAfterMinutes * MINUTE_MS,
      closing: false,
      passphrase,
      async close() {
        clearInterval(timer);
        passphrase.wipe();
        await edge.server.close();
      },
    };
    const timer = setInterval(() => {
      const nowMs = clock.nowMs();
      const usedAtMs = Math.max(workshop.unlockedAtMs, inventory.newestIssuedAtMs() ?? 0);
      const isIdle = nowMs >= usedAtMs + world.options.lockWhenIdleMs;
      if (workshop.closing || (nowMs < workshop.locksAtMs && !isIdle)) return;
      const why = nowMs < workshop.locksAtMs ? 'idle' : 'time';
      inventory.append({ act: 'authority-locked', actor: 'station', atMs: nowMs, details: { why } });
      requestLock(world);
      tellSession(world);
    }, world.options.lockCheckMs);
    timer.unref();
    world.workshop = workshop;
  } catch (thrown) {
    if (world.workshop === undefined) authority.lock();
    passphrase.wipe();
    throw thrown;
  }
}

/** No run begins from now on; the key is forgotten as soon as none is under way. */
export function requestLock(world: World): void {
  const { workshop } = world;
  if (workshop === undefined) return;
  workshop.closing = true;
  if (world.runsUnderWay() === 0) void lockNow(world);
}

/** Forgets the key now. */
export async function lockNow(world: World): Promise<void> {
  const { workshop, house } = world;
  world.workshop = undefined;
  house?.authority.lock();
  await workshop?.close();
}
