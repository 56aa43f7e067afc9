// The packaged app under Playwright, where there is one; otherwise why there is none.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { Bench } from './fleet.ts';

export const root = join(import.meta.dirname, '..', '..', '..');
export const packaged = join(root, 'dist', 'package', 'linux-unpacked', 'keyline-station');

export const missingApp = existsSync(packaged)
  ? undefined
  : 'no packaged app here: run KEYLINE_PACKAGE_FOR_TESTS=1 npm run package';

export interface RunningApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** What main and station wrote. */
  readonly output: string[];
  close(): Promise<void>;
}

const environment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

export interface LaunchOptions {
  /** Elsewhere than in the bench's folder. */
  readonly dataRoot?: string;
}

export async function launch(bench: Bench, options: LaunchOptions = {}): Promise<RunningApp> {
  const app = await _electron.launch({
    executablePath: packaged,
    args: [
      // As root, Chromium runs without its sandbox or not at all.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--data=${options.dataRoot ?? bench.dataRoot}`,
      // Without a desktop there is no keychain; with one, a test must not get at it.
      '--password-store=basic',
      `--user-data-dir=${join(bench.folder, 'electron')}`,
    ],
    env: { ...environment(), KEYLINE_PORT_LINKS: bench.links },
  });
  const output: string[] = [];
  app.process().stdout?.on('data', (piece) => output.push(String(piece)));
  app.process().stderr?.on('data', (piece) => output.push(String(piece)));
  const page = await app.firstWindow();
  // Written where the test says, without a dialog.
  await app.evaluate(({ session }, folder) => {
    session.defaultSession.on('will-download', (_, item) =>
      item.setSavePath(`${folder}/${item.getFilename()}`),
    );
  }, bench.folder);
  return { app, page, output, close: () => app.close() };
}

/** The process of the station, as the operating system knows it. */
export const stationPid = (app: ElectronApplication): Promise<number | undefined> =>
  app.evaluate(({ app: main }) => main.getAppMetrics().find(({ name }) => name === 'Keyline station')?.pid);
