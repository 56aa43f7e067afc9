// The window's server in a process of its own, as `keyline serve` runs it, with a page of nothing. Argument: the folder.
// Prints its address.

import { join } from 'node:path';
import { startWindowServer } from '../../cli/serve/windowServer.ts';
import { createApplication } from '../../core/application/application.ts';

const [folder = ''] = process.argv.slice(2);
const resources = join(import.meta.dirname, '..', '..', 'resources');
const service = createApplication({
  dataRoot: join(folder, 'data'),
  practiceRoot: join(folder, 'practice'),
  profilesFolder: join(resources, 'profiles'),
  targetsFolder: join(resources, 'targets'),
  softwareVersion: '0.0.0-test',
  listPorts: async () => [],
});
const token = 'a-token-for-tests-0123456789';
const { url } = await startWindowServer({ pages: new Map(), service, token, port: 0, log: () => {} });
console.log(url);
