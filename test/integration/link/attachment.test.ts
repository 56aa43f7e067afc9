// What tells one plugging in from the next, on nodes that the kernel really makes.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { lineSettingsSchema } from '../../../core/domain/target.ts';
import { nodeAt } from '../../../core/link/serial/attachment.ts';
import { withLinkedPorts } from '../../../core/link/serial/linkedPorts.ts';
import { watchPath } from '../../../core/link/serial/pathWatch.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { loadPseudoTerminals } from '../../../core/simulator/host/pseudoTerminal.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const pseudoTerminals = join(root, 'core', 'simulator', 'host', 'pseudoTerminal.ts');
const available = await loadPseudoTerminals().then(
  () => true,
  () => false,
);

interface Terminal {
  readonly path: string;
  write(text: string): void;
  end(): Promise<void>;
}
const terminals = new Set<Terminal>();

/** In a process of its own: the kernel gives the number again only when nobody holds any end of it. */
async function terminal(): Promise<Terminal> {
  const script = `import { loadPseudoTerminals } from ${JSON.stringify(pseudoTerminals)};
    const terminal = (await loadPseudoTerminals())(() => {});
    process.stdin.on('data', (bytes) => terminal.write(bytes));
    console.log(terminal.path);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const exited = once(child, 'exit');
  const [path] = await once(child.stdout, 'data');
  const made: Terminal = {
    path: String(path).trim(),
    write: (text) => void child.stdin.write(text),
    async end() {
      terminals.delete(made);
      child.kill('SIGKILL');
      await exited;
    },
  };
  terminals.add(made);
  return made;
}
afterEach(async () => {
  await Promise.all([...terminals].map((one) => one.end()));
});

/** Ends a terminal and makes others until one stands under its path again. */
async function successor(before: Terminal): Promise<Terminal> {
  await before.end();
  for (let tries = 0; tries < 20; tries += 1) {
    const next = await terminal();
    if (next.path === before.path) return next;
  }
  throw new Error(`nothing came back as ${before.path}`);
}

// The kernel may give the path to a test that runs beside this one; then it is tried anew.
describe.skipIf(!available)('a new pseudo-terminal under the path of another', { retry: 4 }, () => {
  test('is told from it', async () => {
    const first = await terminal();
    const before = await nodeAt(first.path);
    const next = await successor(first);
    expect(next.path).toBe(first.path);
    expect(await nodeAt(next.path)).not.toBe(before);
  });

  test('is the same as long as it is there, whatever passes through it', async () => {
    const port = await terminal();
    const before = await nodeAt(port.path);
    const line = lineSettingsSchema.parse({});
    const signal = new AbortController().signal;
    const transport = await openSerialTransport({ portPath: port.path, line, signal, list: async () => [] });
    port.write('hello');
    await transport.write(Buffer.from('there'));
    expect(await nodeAt(port.path)).toBe(before);
    await transport.close();
    expect(await nodeAt(port.path)).toBe(before);
  });

  test('ends the connection to the one before, which is not carried on with it', async () => {
    const first = await terminal();
    const opened = await nodeAt(first.path);
    await successor(first);
    await new Promise<void>((resolve) => {
      const stop = watchPath(first.path, opened, () => {
        stop();
        resolve();
      });
    });
  });

  test('is listed with its link as another attachment of the same socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-links-'));
    const list = withLinkedPorts(folder, async () => []);
    try {
      const first = await terminal();
      await symlink(first.path, join(folder, 'A1'));
      const [before] = await list();
      await unlink(join(folder, 'A1'));
      const next = await successor(first);
      await symlink(next.path, join(folder, 'A1'));
      const [after] = await list();
      expect(after).toEqual({ ...before, attachment: after?.attachment });
      expect(after?.attachment).not.toBe(before?.attachment);
      expect(after?.numberIsOfSocket).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe.skipIf(process.platform === 'win32')('a node', () => {
  test('that is not there has no identity', async () => {
    expect(await nodeAt('/nonexistent/port')).toBeUndefined();
  });

  test('keeps its identity when its rights change, as udev and logind change them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyline-node-'));
    try {
      const path = join(folder, 'ttyUSB0');
      await writeFile(path, '');
      const before = await nodeAt(path);
      await chmod(path, 0o600);
      expect(await nodeAt(path)).toBe(before);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
