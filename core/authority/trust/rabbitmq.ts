// RabbitMQ: ssl_options.cacertfile. The default depth of 1 is enough for leaf and issuing CA; 2 leaves room for one more.

import { type ExportedFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportRabbitmq(material: TrustMaterial): readonly ExportedFile[] {
  const lines = [
    'ssl_options.cacertfile = /etc/rabbitmq/keyline/device-cas.pem',
    'ssl_options.verify     = verify_peer',
    'ssl_options.fail_if_no_peer_cert = true',
    'ssl_options.depth      = 2',
    '# The common name is the device serial.',
    'ssl_cert_login_from    = common_name',
    'mqtt.ssl_cert_login    = true',
    '',
  ];
  return [
    textFile('device-cas.pem', serverCaPem(material)),
    textFile('keyline-rabbitmq.conf', lines.join('\n')),
  ];
}
