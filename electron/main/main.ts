// Main: one window, one station process, one instance. It sees no serial port, no record, no key and no message between
// the two; it starts them, locks them down and introduces them.

import { join } from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, Menu } from 'electron';
import { defaultDataRoot } from '../../core/host/dataFolder.ts';
import { APP_ORIGIN, CHANNELS } from '../channels.ts';
import { lockDown, lockDownSession } from './lockdown.ts';
import { registerScheme, servePages } from './pageProtocol.ts';
import { superviseStation } from './supervisor.ts';
import { keepWindowState, readWindowState } from './windowState.ts';

const BACKGROUND = '#14181d';

/** `--data=folder`, KEYLINE_DATA, or the platform's place. */
function dataRoot(): string {
  const given = app.commandLine.getSwitchValue('data') || process.env.KEYLINE_DATA;
  return given || defaultDataRoot(process.platform, process.env);
}

function openWindow(): BrowserWindow {
  const statePath = join(app.getPath('userData'), 'window.json');
  const state = readWindowState(statePath);
  const window = new BrowserWindow({
    width: state?.width ?? 1366,
    height: state?.height ?? 768,
    ...(state === undefined ? {} : { x: state.x, y: state.y }),
    minWidth: 800,
    minHeight: 560,
    title: 'Keyline',
    backgroundColor: BACKGROUND,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (state?.maximized === true) window.maximize();
  keepWindowState(window, statePath);
  void window.loadURL(`${APP_ORIGIN}/index.html`);
  return window;
}

function run(): void {
  let window: BrowserWindow | undefined;
  const appFolder = app.getAppPath();
  servePages(join(appFolder, 'dist', 'renderer'));
  lockDownSession();
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
  const station = superviseStation({
    dataRoot: dataRoot(),
    resourcesFolder: join(appFolder, 'resources'),
    softwareVersion: app.getVersion(),
  });

  ipcMain.on(CHANNELS.connect, (event) => {
    const frame = event.senderFrame;
    // Only the top frame of our own window, at our own address.
    if (event.sender !== window?.webContents || frame === null || frame !== event.sender.mainFrame) return;
    if (!frame.url.startsWith(`${APP_ORIGIN}/`)) return;
    station.connect(event.sender);
  });

  window = openWindow();
  app.on('second-instance', () => {
    if (window === undefined || window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on('activate', () => {
    if (window === undefined || window.isDestroyed()) window = openWindow();
  });
  app.on('window-all-closed', () => app.quit());

  let closed = false;
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void station.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
}

// Chromium cannot sandbox the root user's processes at all; whoever runs as root said so with this switch.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
registerScheme();
lockDown();
if (app.requestSingleInstanceLock({ dataRoot: dataRoot() }))
  void app
    .whenReady()
    .then(run)
    .catch((thrown: unknown) => {
      dialog.showErrorBox('Keyline cannot start', thrown instanceof Error ? thrown.message : String(thrown));
      app.exit(1);
    });
else app.quit();
