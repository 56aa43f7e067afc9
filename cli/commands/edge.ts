// keyline edge: an edge server of this site to try devices against.

import { Command } from 'commander';
import { untilAborted } from '../input/interruption.ts';
import { withStation } from './opened.ts';
import { action, EXIT, portNumber } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline edge --port 8443
  $ echo "keyline-proof $(openssl rand -hex 16)" | openssl s_client -quiet -connect localhost:8443 \\
      -CAfile root.pem -cert device.pem -key device.key.pem

It shows the station’s server certificate and admits devices with a live credential in the inventory: whoever says the
proof line with 32 hexadecimal digits gets “admitted” and the same digits back. Ctrl-C ends it.
`;

export const edgeCommand = (): Command =>
  new Command('edge')
    .description('run an edge server that admits this station’s devices by mutual TLS')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <number>', 'the port to listen on; 0 takes any free one', portNumber, 0)
    .addHelpText('after', EXAMPLES)
    .action(
      action(async (context, options: { host: string; port: number }) => {
        const { output } = context;
        const request = { edge: options, onInterruption: 'Closing the edge server.' };
        return withStation(context, request, async (station, signal) => {
          const { host, port } = station.edgeServer;
          output.result('edge-listening', { host, port }, `Listening on ${host}:${port}. Ctrl-C ends it.`);
          station.edgeServer.observe((seen) => {
            const who = seen.peerSubject ?? seen.remoteEndpoint;
            const verdict = seen.refusal === undefined ? 'admitted' : `refused: ${seen.refusal.code}`;
            output.result(
              'edge-connection',
              seen,
              `${seen.refusal === undefined ? '✔' : '✘'} ${who}  ${seen.protocol ?? ''}  ${verdict}`,
            );
          });
          await untilAborted(signal);
          return EXIT.interrupted;
        });
      }),
    );
