// The station process: the core with its ports, database and authority, behind the contract. Main starts and watches it.

import { join } from 'node:path';
import { createApplication } from '../../core/application/application.ts';
import { serveStation } from '../../core/contract/rpc/host.ts';
import { type EmitterPortLike, wireOfEmitterPort } from '../../core/contract/rpc/wire.ts';
import { portListerFor, practiceRootFor } from '../../core/host/applicationFolders.ts';
import type { StationConfig, StationMessage } from '../channels.ts';
import { KeychainClient } from '../keychain.ts';

const config = JSON.parse(process.argv[2] ?? '{}') as StationConfig;
const keychain = new KeychainClient((question) => process.parentPort.postMessage(question));
const application = createApplication({
  dataRoot: config.dataRoot,
  practiceRoot: practiceRootFor(config.dataRoot),
  profilesFolder: join(config.resourcesFolder, 'profiles'),
  targetsFolder: join(config.resourcesFolder, 'targets'),
  softwareVersion: config.softwareVersion,
  restarted: config.restarted,
  keychain,
  listPorts: portListerFor(process.env),
});

/** One window: a page that was loaded anew replaces the one before. */
let endInterface = (): void => {};

process.parentPort.on('message', ({ data, ports }) => {
  const message = data as StationMessage;
  const [port] = ports;
  switch (message.kind) {
    case 'interface':
      endInterface();
      if (port === undefined) return;
      endInterface = serveStation(
        wireOfEmitterPort(port as EmitterPortLike),
        application,
        ({ kind, method, reason }) => console.error(`contract: ${kind} ${method ?? ''} ${reason}`),
      );
      return;
    case 'keychain':
      keychain.take(message);
      return;
    case 'ping':
      process.parentPort.postMessage('pong');
      return;
    case 'close':
      endInterface();
      void application.close().finally(() => process.exit(0));
      return;
  }
});
