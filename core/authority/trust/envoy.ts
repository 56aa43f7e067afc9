// Envoy: trusted_ca and crl of a DownstreamTlsContext. It demands a list for every CA of the chain.

import { crlFiles, type ExportedFile, jsonFile, serverCaPem, type TrustMaterial, textFile } from './files.ts';

export function exportEnvoy(material: TrustMaterial): readonly ExportedFile[] {
  const crls = crlFiles(material, 'device-crls.pem');
  const validation = {
    trusted_ca: { filename: '/etc/envoy/keyline/device-cas.pem' },
    ...(crls.length > 0 ? { crl: { filename: '/etc/envoy/keyline/device-crls.pem' } } : {}),
  };
  return [
    textFile('device-cas.pem', serverCaPem(material)),
    ...crls,
    jsonFile('keyline-envoy.json', {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      require_client_certificate: true,
      common_tls_context: { validation_context: validation },
    }),
  ];
}
