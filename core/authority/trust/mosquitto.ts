// Eclipse mosquitto: cafile and crlfile. use_identity_as_username takes the common name, which is the device serial.

import { crlFiles, type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportMosquitto(material: TrustMaterial): readonly ExportedFile[] {
  const crls = crlFiles(material, 'device-crls.pem');
  const lines = [
    "# Below the listener that devices connect to; its certfile and keyfile are the server's own.",
    'cafile /etc/mosquitto/keyline/device-cas.pem',
    ...(crls.length > 0 ? ['crlfile /etc/mosquitto/keyline/device-crls.pem'] : []),
    'require_certificate true',
    'use_identity_as_username true',
    '',
  ];
  return [
    textFile('device-cas.pem', serverCaPem(material)),
    ...crls,
    textFile('keyline-mosquitto.conf', lines.join('\n')),
  ];
}
