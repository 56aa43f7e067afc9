// A station in a process of its own, as Electron's main starts one: the contract over the process's channel, pings answered.
// Arguments: the folder, whether it replaces one that died, the folder of links that stand for ports.

import { join } from 'node:path';
import { createApplication } from '../../core/application/application.ts';
import { serveStation } from '../../core/contract/rpc/host.ts';
import { withLinkedPorts } from '../../core/link/serial/linkedPorts.ts';

const [folder = '', restarted, links = ''] = process.argv.slice(2);
const resources = join(import.meta.dirname, '..', '..', 'resources');
const application = createApplication({
  dataRoot: join(folder, 'data'),
  practiceRoot: join(folder, 'practice'),
  profilesFolder: join(resources, 'profiles'),
  targetsFolder: join(resources, 'targets'),
  softwareVersion: '0.0.0-test',
  restarted: restarted === 'true',
  listPorts: withLinkedPorts(links, async () => []),
  portIntervalMs: 50,
  pinRounds: 1_000,
});

let receive: (data: unknown) => void = () => {};
process.on('message', (message: { kind: string; text?: string }) => {
  if (message.kind === 'ping') process.send?.({ kind: 'pong' });
  else if (message.kind === 'contract') receive(message.text);
  else if (message.kind === 'close') void application.close().finally(() => process.exit(0));
});
serveStation(
  {
    send: (text) => process.send?.({ kind: 'contract', text }),
    onMessage: (listener) => {
      receive = listener;
    },
    onClose: () => {},
    close: () => {},
  },
  application,
  () => {},
);
process.send?.({ kind: 'running' });
