// Who can be given what it needs to trust a site's devices, and what each must be told first.

/** A detail of an export: `order` limits a list to a work order, `code` is the cloud's registration code, … */
export type TrustField =
  | 'order'
  | 'code'
  | 'set'
  | 'roleArn'
  | 'policy'
  | 'profile'
  | 'subType'
  | 'tag'
  | 'firmwareType';

export type RequiredField = Extract<TrustField, 'code' | 'set'>;

interface ConsumerFacts {
  readonly fields: readonly TrustField[];
  /** Those of `fields` without which there is no export. */
  readonly required: readonly RequiredField[];
  /** Its page in docs/trust. */
  readonly page: string;
}

const server = (page: string): ConsumerFacts => ({ fields: [], required: [], page });

export const TRUST_CONSUMERS = {
  root: server('any-consumer'),
  chain: server('any-consumer'),
  nginx: server('nginx'),
  apache: server('apache'),
  haproxy: server('haproxy'),
  envoy: server('envoy'),
  mosquitto: server('mosquitto'),
  emqx: server('emqx'),
  rabbitmq: server('rabbitmq'),
  'aws-iot': { fields: ['code', 'roleArn', 'policy', 'profile'], required: [], page: 'aws-iot' },
  'aws-bulk': { fields: ['order', 'policy'], required: [], page: 'aws-iot' },
  'azure-iot': { fields: ['code'], required: ['code'], page: 'azure-iot' },
  'azure-enrolments': { fields: ['order'], required: [], page: 'azure-iot' },
  akamai: { fields: ['set'], required: ['set'], page: 'akamai' },
  cloudflare: { fields: ['set'], required: ['set'], page: 'cloudflare' },
  'nrf-cloud': { fields: ['order', 'subType', 'tag', 'firmwareType'], required: [], page: 'nrf-cloud' },
  csv: { fields: ['order'], required: [], page: 'lists' },
} as const satisfies Readonly<Record<string, ConsumerFacts>>;

export type TrustConsumer = keyof typeof TRUST_CONSUMERS;
export const TRUST_CONSUMER_NAMES = Object.keys(TRUST_CONSUMERS) as [TrustConsumer, ...TrustConsumer[]];

export const requiredFields = (consumer: TrustConsumer): readonly RequiredField[] =>
  TRUST_CONSUMERS[consumer].required;
