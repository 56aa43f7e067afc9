// EMQX: cacertfile of an ssl listener. Its revocation check fetches lists by the URI inside the device certificates and
// wants an IssuingDistributionPoint in the list, so no list goes into this export.

import { type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportEmqx(material: TrustMaterial): readonly ExportedFile[] {
  const lines = [
    'listeners.ssl.default {',
    '  ssl_options {',
    '    cacertfile = "etc/certs/keyline/device-cas.pem"',
    '    verify = verify_peer',
    '    fail_if_no_peer_cert = true',
    '    depth = 2',
    '  }',
    '}',
    '# The common name is the device serial.',
    'mqtt.peer_cert_as_username = cn',
    'mqtt.peer_cert_as_clientid = cn',
    '',
  ];
  return [textFile('device-cas.pem', serverCaPem(material)), textFile('keyline-emqx.conf', lines.join('\n'))];
}
