// What no page may do, whatever it contains: leave its address, open windows, ask for permissions, load from elsewhere.

import { app, type Session, session } from 'electron';
import { APP_ORIGIN } from '../channels.ts';

const isOurs = (url: string): boolean => url === APP_ORIGIN || url.startsWith(`${APP_ORIGIN}/`);

/** Files that the page made itself and gives to save. */
const isOwnBlob = (url: string): boolean => url.startsWith(`blob:${APP_ORIGIN}/`);

export function lockDown(): void {
  app.on('web-contents-created', (_, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    for (const leaving of ['will-navigate', 'will-redirect'] as const) {
      contents.on(leaving as 'will-navigate', (event) => event.preventDefault());
    }
  });
}

export function lockDownSession(target: Session = session.defaultSession): void {
  target.setPermissionRequestHandler((_, __, answer) => answer(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
  target.webRequest.onBeforeRequest((details, answer) => {
    const isInspector = details.url.startsWith('devtools://');
    answer({ cancel: !(isOurs(details.url) || isOwnBlob(details.url) || isInspector) });
  });
  target.on('will-download', (event, item) => {
    if (!isOwnBlob(item.getURL())) event.preventDefault();
  });
}
