// Apache httpd (mod_ssl): SSLCACertificateFile and SSLCARevocationFile; `chain` demands a list for every CA.

import { crlFiles, type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportApache(material: TrustMaterial): readonly ExportedFile[] {
  const crls = crlFiles(material, 'device-crls.pem');
  const lines = [
    '# Inside the <VirtualHost> that devices connect to.',
    'SSLCACertificateFile  /etc/apache2/keyline/device-cas.pem',
    'SSLVerifyClient       require',
    'SSLVerifyDepth        2',
    ...(crls.length > 0
      ? ['SSLCARevocationFile   /etc/apache2/keyline/device-crls.pem', 'SSLCARevocationCheck  chain']
      : []),
    '',
  ];
  return [
    textFile('device-cas.pem', serverCaPem(material)),
    ...crls,
    textFile('keyline-apache.conf', lines.join('\n')),
  ];
}
