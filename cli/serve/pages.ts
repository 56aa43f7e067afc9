// The built window as a fixed set of pages in memory: what is not one of them does not exist, whatever a path says.

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { StationError } from '../../core/domain/stationError.ts';

export interface Page {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
};

/** Reads a folder's files by the path a browser asks for; `usage` when the window was not built. */
export function loadPages(folder: string): ReadonlyMap<string, Page> {
  const pages = new Map<string, Page>();
  let entries: ReturnType<typeof filesOf>;
  try {
    entries = filesOf(folder);
  } catch (cause) {
    throw new StationError('usage', { reason: 'the window is not built yet; run npm run serve' }, { cause });
  }
  for (const path of entries) {
    const mediaType = MEDIA_TYPES[extname(path)];
    if (mediaType === undefined) continue;
    pages.set(`/${relative(folder, path).split(sep).join('/')}`, { mediaType, bytes: readFileSync(path) });
  }
  const index = pages.get('/index.html');
  if (index === undefined)
    throw new StationError('usage', { reason: 'the window is not built yet; run npm run serve' });
  return pages.set('/', index);
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
