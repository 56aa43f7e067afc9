// Where the page starts: takes the connection that its host offers.

import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './App.tsx';
import { connectElectron } from './connection/electronPort.ts';
import { connectWebSocket } from './connection/webSocket.ts';
import './design/all.css';

// The schema library would like to compile its checks, which the content security policy rightly forbids.
z.config({ jitless: true });

const root = document.getElementById('root');
const bridge = window.keyline;
if (root !== null) {
  createRoot(root).render(
    <App connect={bridge === undefined ? connectWebSocket : connectElectron(bridge)} />,
  );
}
