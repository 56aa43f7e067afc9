// HAProxy: ca-file and crl-file on the bind line. It demands a list for every CA of the chain.

import { crlFiles, type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportHaproxy(material: TrustMaterial): readonly ExportedFile[] {
  const crls = crlFiles(material, 'device-crls.pem');
  const crlOption = crls.length > 0 ? ' crl-file /etc/haproxy/keyline/device-crls.pem' : '';
  const lines = [
    'frontend devices',
    '    # server.pem: the certificate and key that this server shows.',
    `    bind :8443 ssl crt /etc/haproxy/server.pem verify required ca-file /etc/haproxy/keyline/device-cas.pem${crlOption}`,
    '    http-request set-header X-Device-Serial %{+Q}[ssl_c_s_dn(cn)]',
    '',
  ];
  return [
    textFile('device-cas.pem', serverCaPem(material)),
    ...crls,
    textFile('keyline-haproxy.cfg', lines.join('\n')),
  ];
}
