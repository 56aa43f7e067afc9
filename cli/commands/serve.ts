// keyline serve: the window in a browser on this computer, for a rack without a screen of its own.

import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { createApplication } from '../../core/application/application.ts';
import { portListerFor, practiceRootFor } from '../../core/host/applicationFolders.ts';
import { loadPages } from '../../core/host/windowPages.ts';
import { listenForInterruption, untilAborted } from '../input/interruption.ts';
import { profilesFolder, rendererFolder, softwareVersion, targetsFolder } from '../resources.ts';
import { startWindowServer } from '../serve/windowServer.ts';
import { action, EXIT, portNumber } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline serve
  $ keyline serve --port 4780

Prints an address and opens nothing by itself. Only this computer can reach it, and only with the token in the address;
one browser window at a time. From elsewhere, use a tunnel: ssh -L 4780:127.0.0.1:4780 rack
`;

const TOKEN_BYTES = 32;

export const serveCommand = (): Command =>
  new Command('serve')
    .description('serve the window to a browser on this computer')
    .option('--port <number>', 'where to listen on 127.0.0.1 (default: any free port)', portNumber, 0)
    .addHelpText('after', EXAMPLES)
    .action(
      action(async ({ output, folder }, options: { port: number }) => {
        const interruption = listenForInterruption(() => output.say('Stopping what runs, then the station.'));
        const pages = loadPages(rendererFolder);
        const application = createApplication({
          dataRoot: folder.root,
          practiceRoot: practiceRootFor(folder.root),
          profilesFolder,
          targetsFolder,
          softwareVersion,
          listPorts: portListerFor(process.env),
        });
        try {
          const server = await startWindowServer({
            pages,
            service: application,
            token: randomBytes(TOKEN_BYTES).toString('base64url'),
            port: options.port,
            log: ({ kind, method, reason }) => output.say(`contract: ${kind} ${method ?? ''} ${reason}`),
          });
          try {
            output.result(
              'serving',
              { url: server.url },
              `Open this address in a browser on this computer:\n  ${server.url}\nCtrl-C ends it.`,
            );
            await untilAborted(interruption.signal);
          } finally {
            await server.close();
          }
          return EXIT.interrupted;
        } finally {
          await application.close();
          interruption.dispose();
        }
      }),
    );
