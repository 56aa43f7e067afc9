// The consumers that need nothing but the site's own CA material, by the names that `keyline trust export --for` takes.
// Clouds that ask for a code or a device list have functions of their own beside this file.

import { exportChain, exportRoot } from './anyConsumer.ts';
import { exportApache } from './apache.ts';
import { exportAwsIotCa } from './awsIot.ts';
import { exportEmqx } from './emqx.ts';
import { exportEnvoy } from './envoy.ts';
import type { ExportedFile, TrustMaterial } from './files.ts';
import { exportHaproxy } from './haproxy.ts';
import { exportMosquitto } from './mosquitto.ts';
import { exportNginx } from './nginx.ts';
import { exportRabbitmq } from './rabbitmq.ts';

export const TRUST_CONSUMERS = {
  root: exportRoot,
  chain: exportChain,
  nginx: exportNginx,
  apache: exportApache,
  haproxy: exportHaproxy,
  envoy: exportEnvoy,
  mosquitto: exportMosquitto,
  emqx: exportEmqx,
  rabbitmq: exportRabbitmq,
  'aws-iot': exportAwsIotCa,
} as const satisfies Record<string, (material: TrustMaterial) => readonly ExportedFile[]>;
export type TrustConsumer = keyof typeof TRUST_CONSUMERS;
