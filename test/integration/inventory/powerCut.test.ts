// kill -9 in the middle of writing. (A killed process is not a power cut: the operating system still writes its cache.
// That commits also wait for the disk is what synchronous=FULL is for; openDatabase.test.ts checks that it is set.)

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Inventory } from '../../../core/inventory/inventory.ts';
import { createWorld } from './world.ts';

/** Runs the writer until it is dead; resolves to the acts that it told of. */
function writeUntilKilled(
  path: string,
  options: { afterMs?: number; stop?: string },
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'children/writer.ts'), path, options.stop ?? ''],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let told = '';
    child.stdout.on('data', (data: Buffer) => {
      if (told === '' && options.afterMs !== undefined)
        setTimeout(() => child.kill('SIGKILL'), options.afterMs);
      told += data.toString();
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(told.split('\n').slice(0, -1));
      else reject(new Error(`the writer ended by itself with ${code ?? signal}`));
    });
  });
}

/** Whether the record shows that the act named in a line of the writer happened. */
function survived(inventory: Inventory, line: string): boolean {
  const what = line.slice(0, line.indexOf(' '));
  const facts = JSON.parse(line.slice(what.length)) as { runId?: never; credentialId?: never };
  const run = facts.runId === undefined ? undefined : inventory.run(facts.runId);
  const state =
    facts.credentialId === undefined ? undefined : inventory.credential(facts.credentialId)?.state;
  const reached = (...states: string[]) => state !== undefined && states.includes(state);
  switch (what) {
    case 'createOrder':
      return inventory.order('WO') !== undefined;
    case 'openRun':
      return run !== undefined;
    case 'recordIdentity':
      return run?.hardwareId !== undefined;
    case 'closeRun':
      return run?.outcome === 'pass';
    case 'reserve':
    case 'recordKey':
      return state !== undefined;
    case 'recordPrepared':
      return reached('prepared', 'issued', 'installed', 'verified', 'revoked');
    case 'recordIssued':
    case 'recordInstallIntent':
      return reached('issued', 'installed', 'verified', 'revoked');
    case 'recordInstalled':
      return reached('installed', 'verified', 'revoked');
    case 'recordVerified':
      return reached('verified', 'revoked');
    default:
      throw new Error(`the writer told of ${what}`);
  }
}

describe('a host killed while it writes', () => {
  it('loses nothing that it was told is recorded, 20 times at random moments', async () => {
    const world = createWorld();
    try {
      let acts = 0;
      for (let round = 0; round < 20; round += 1) {
        world.inventory.close();
        const told = await writeUntilKilled(world.path, { afterMs: Math.random() * 120 });
        acts += told.length;
        const inventory = world.reopen();
        expect(told.filter((line) => !survived(inventory, line))).toEqual([]);
        expect(inventory.checkInvariants()).toEqual([]);
        for (const run of inventory.openRuns())
          inventory.closeRun(run.runId, { outcome: 'aborted', atMs: 1 });
      }
      expect(acts).toBeGreaterThan(20);
    } finally {
      world.remove();
    }
  });

  const writes = [
    'openRun',
    'recordIdentity',
    'reserve',
    'recordPrepared',
    'recordIssued',
    'recordInstalled',
    'closeRun',
  ];
  it.each(writes)('right before and right after %s leaves the one act undone or done', async (what) => {
    for (const when of ['before', 'after'] as const) {
      const world = createWorld();
      try {
        world.inventory.close();
        const told = await writeUntilKilled(world.path, { stop: `${what}:${when}` });
        expect(told.some((line) => line.startsWith(`${what} `))).toBe(false);
        const inventory = world.reopen();
        expect(told.filter((line) => !survived(inventory, line))).toEqual([]);
        expect(inventory.checkInvariants()).toEqual([]);
        const [run] = inventory.listRuns().items;
        const credential = run?.credentialId && inventory.credential(run.credentialId);
        const done: Readonly<Record<string, boolean>> = {
          openRun: run !== undefined,
          recordIdentity: run?.hardwareId !== undefined,
          reserve: credential !== undefined,
          recordPrepared: credential?.toBeSigned !== undefined,
          recordIssued: credential?.certificateDer !== undefined,
          recordInstalled: credential?.state === 'installed',
          closeRun: run?.outcome !== undefined,
        };
        expect(done[what]).toBe(when === 'after');
      } finally {
        world.remove();
      }
    }
  });
});
