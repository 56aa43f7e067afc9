// The only bridge between the page and the rest: one frozen object with one function. It hands over message ports and
// sees nothing that goes through them.

import { contextBridge, ipcRenderer } from 'electron';
import { CHANNELS } from '../channels.ts';

const toPage = (kind: 'port' | 'lost', ports: readonly MessagePort[]): void =>
  window.postMessage({ keyline: kind }, window.location.origin, [...ports]);

ipcRenderer.on(CHANNELS.port, ({ ports }) => toPage('port', ports));
ipcRenderer.on(CHANNELS.lost, () => toPage('lost', []));

contextBridge.exposeInMainWorld(
  'keyline',
  Object.freeze({ connect: (): void => ipcRenderer.send(CHANNELS.connect) }),
);
