// Where the window stood and how large it was. A file that is missing, damaged or off every screen is as good as none.

import { readFileSync } from 'node:fs';
import type { BrowserWindow, Rectangle } from 'electron';
import { screen } from 'electron';
import { z } from 'zod';
import { replaceFile } from '../../core/disk/durableFile.ts';

const stateSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(400),
  height: z.int().min(300),
  maximized: z.boolean(),
});
type WindowState = z.infer<typeof stateSchema>;

const SAVE_AFTER_MS = 500;

export function readWindowState(path: string): WindowState | undefined {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return screen.getAllDisplays().some(({ workArea }) => overlaps(workArea, state)) ? state : undefined;
  } catch {
    return undefined;
  }
}

const overlaps = (area: Rectangle, { x, y, width }: WindowState): boolean =>
  x < area.x + area.width && x + width > area.x && y >= area.y && y < area.y + area.height;

/** Saves a while after each change; that it could not be saved is nobody's trouble. */
export function keepWindowState(window: BrowserWindow, path: string): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    if (window.isDestroyed()) return;
    try {
      const state = { ...window.getNormalBounds(), maximized: window.isMaximized() };
      replaceFile(path, JSON.stringify(state));
    } catch {}
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('close', save);
}
