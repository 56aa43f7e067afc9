// An edge server of a test site on a loopback port, with a record of every connection it saw.

import { randomBytes } from 'node:crypto';
import { type Random, systemClock } from '../../core/domain/clock.ts';
import {
  type ClientCredential,
  connectAsDevice,
  type EdgeClientRequest,
} from '../../core/edge/edgeClient.ts';
import { type EdgeServer, type EdgeServerOptions, startEdgeServer } from '../../core/edge/edgeServer.ts';
import type { DeviceSideEvidence, ServerSideEvidence } from '../../core/edge/evidence.ts';
import { createTestPki, SERVER_NAME, type TestCredential, type TestPki } from './testPki.ts';

export const systemRandom: Random = { bytes: (sizeBytes) => randomBytes(sizeBytes) };

export interface EdgeSite {
  readonly pki: TestPki;
  readonly server: EdgeServer;
  readonly entries: readonly ServerSideEvidence[];
  /** The leaf, the issuing CA and the key of `credential`, as a device holds them. */
  held(credential: TestCredential): ClientCredential;
  connect(
    credential: ClientCredential | undefined,
    overrides?: Partial<EdgeClientRequest>,
  ): Promise<DeviceSideEvidence>;
  /** Resolves once the server has reported `count` connections. */
  entriesReported(count: number): Promise<readonly ServerSideEvidence[]>;
}

export interface EdgeSiteOptions extends Partial<EdgeServerOptions> {
  readonly pki?: TestPki;
  readonly serverCredential?: TestCredential;
}

/** Runs `body` with a site's edge server, and closes it after. */
export async function withEdgeSite(options: EdgeSiteOptions, body: (site: EdgeSite) => Promise<void>) {
  const { pki = await createTestPki(), serverCredential, ...serverOptions } = options;
  const identity = serverCredential ?? (await pki.server());
  const server = await startEdgeServer({
    chainDer: [identity.certificateDer, pki.issuingDer],
    key: identity.privateKeyPem,
    trustBundleDer: [pki.rootDer, pki.issuingDer],
    admit: () => ({ admitted: true }),
    clock: systemClock,
    ...serverOptions,
  });
  const entries: ServerSideEvidence[] = [];
  let wake = (): void => undefined;
  server.observe((entry) => {
    entries.push(entry);
    wake();
  });
  try {
    await body({
      pki,
      server,
      entries,
      held: (credential) => ({
        chainDer: [credential.certificateDer, pki.issuingDer],
        privateKeyPkcs8: credential.privateKeyPkcs8(),
      }),
      connect: (credential, overrides = {}) =>
        connectAsDevice({
          host: server.host,
          port: server.port,
          serverName: SERVER_NAME,
          trustAnchorsDer: [pki.rootDer],
          credential,
          timeoutMs: 20_000,
          signal: new AbortController().signal,
          clock: systemClock,
          random: systemRandom,
          ...overrides,
        }),
      entriesReported: (count) =>
        new Promise((resolve) => {
          wake = () => {
            if (entries.length >= count) resolve(entries);
          };
          wake();
        }),
    });
  } finally {
    await server.close();
  }
}
