// keyline://app: the built window, from memory, with its policy. No file system path is ever made from an address.

import { protocol, session } from 'electron';
import { loadPages } from '../../core/host/windowPages.ts';
import { APP_ORIGIN } from '../channels.ts';

export const SCHEME = 'keyline';

/** As the page's own, and more strictly framed; both hold. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function servePages(folder: string): void {
  const pages = loadPages(folder);
  session.defaultSession.protocol.handle(SCHEME, (request) => {
    const { host, pathname } = new URL(request.url);
    const page = `${SCHEME}://${host}` === APP_ORIGIN ? pages.get(pathname) : undefined;
    if (page === undefined || request.method !== 'GET') return new Response('', { status: 404 });
    return new Response(page.bytes as Uint8Array<ArrayBuffer>, {
      headers: {
        'content-type': page.mediaType,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
      },
    });
  });
}
