// nginx: ssl_client_certificate and ssl_crl. It demands a list for every CA of the chain as soon as ssl_crl is set.

import { crlFiles, type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportNginx(material: TrustMaterial): readonly ExportedFile[] {
  const crls = crlFiles(material, 'device-crls.pem');
  const lines = [
    '# Inside the server { } block that devices connect to.',
    'ssl_client_certificate /etc/nginx/keyline/device-cas.pem;',
    'ssl_verify_client      on;',
    'ssl_verify_depth       2;',
    ...(crls.length > 0 ? ['ssl_crl                /etc/nginx/keyline/device-crls.pem;'] : []),
    '# The device serial for the application behind: $ssl_client_s_dn',
    '',
  ];
  return [
    textFile('device-cas.pem', serverCaPem(material)),
    ...crls,
    textFile('keyline-nginx.conf', lines.join('\n')),
  ];
}
