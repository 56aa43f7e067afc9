// The window against the fake station in Chromium: a small server for the built page, and a page to work with.

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const BUILT = fileURLToPath(new URL('../../../dist/renderer-fake', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export const CHROMIUM = process.env.KEYLINE_CHROMIUM ?? '/usr/bin/chromium';
export const SIZE = { width: 1366, height: 768 } as const;

export interface Site {
  readonly browser: Browser;
  /** Opens the page with these settings in its address; collects what it complains about. */
  open(
    query: string,
    size?: { width: number; height: number },
  ): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    readFile(join(BUILT, path)).then(
      (body) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

export async function openSite(): Promise<Site> {
  const server = await serve();
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    browser,
    open: async (query, size = SIZE) => {
      const context = await browser.newContext({
        viewport: size,
        locale: 'en-GB',
        timezoneId: 'Europe/Berlin',
      });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${port}/fake/index.html?${query}`);
      await page.locator('main:not([data-connecting])').first().waitFor();
      return { page, complaints };
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
