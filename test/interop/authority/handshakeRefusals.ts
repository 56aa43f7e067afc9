// What a consumer that refuses during the handshake has to keep out, and the device that has to keep out such a consumer.

import { expect, it } from 'vitest';
import type { consumerFixture, Identity } from '../../support/consumerFixture.ts';

/** `start` runs the consumer with a server certificate and gives its port; `ask` connects a device to a port. */
export function itRefusesInTheHandshake(
  site: ReturnType<typeof consumerFixture>,
  start: (server: Identity) => Promise<number>,
  ask: (port: number, device: Identity | undefined) => Promise<unknown>,
): void {
  it.each([
    ['revoked', /revoked/i],
    ['foreign', /unknown.ca|certificate/i],
    ['expired', /expired/i],
  ] as const)('keeps a device out that is %s', async (kind, why) => {
    await expect(ask(await start(site.server), site.devices[kind])).rejects.toThrow(why);
  });

  it('keeps a client out that has no certificate', async () => {
    const port = await start(site.server);
    await expect(ask(port, undefined)).rejects.toThrow(/certificate required|handshake failure/i);
  });

  it('is refused by the device when it is not of this site', async () => {
    const foreignPort = await start(site.foreignServer);
    await expect(ask(foreignPort, site.devices.good)).rejects.toThrow(
      /issuer certificate|unable to verify|signature/i,
    );
  });
}
