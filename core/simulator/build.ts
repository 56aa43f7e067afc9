// What a simulated Zephyr device was built with. Each field is one Kconfig value of Zephyr 4.3.0, so that a build of real
// firmware can be described here and trained against.

export interface DeviceBuild {
  readonly summary: string;
  /** CONFIG_SHELL_MINIMAL: no help, history, colours, Tab, editing keys or built-in commands. */
  readonly minimalShell: boolean;
  /** CONFIG_SHELL_BACKEND_SERIAL_API_INTERRUPT_DRIVEN or _POLLING. */
  readonly receiveMode: 'interrupt' | 'polled';
  /** CONFIG_SHELL_BACKEND_SERIAL_RX_RING_BUFFER_SIZE. */
  readonly receiveRingSizeBytes: number;
  /** CONFIG_SHELL_BACKEND_SERIAL_TX_RING_BUFFER_SIZE. */
  readonly transmitRingSizeBytes: number;
  /** CONFIG_SHELL_BACKEND_SERIAL_RX_POLL_PERIOD. */
  readonly receivePollPeriodMs: number;
  /** CONFIG_SHELL_CMD_BUFF_SIZE; one byte of it holds the final NUL. */
  readonly commandLineSizeBytes: number;
  /** CONFIG_SHELL_ARGC_MAX. */
  readonly argumentsMax: number;
  /** CONFIG_SHELL_HISTORY_BUFFER; 0 where CONFIG_SHELL_HISTORY is off. */
  readonly historySizeBytes: number;
  /** CONFIG_LOG_MODE_DEFERRED or _IMMEDIATE. */
  readonly logMode: 'deferred' | 'immediate';
  /** CONFIG_LOG_PROCESS_TRIGGER_THRESHOLD: so many waiting messages are printed at once. */
  readonly logBatchLength: number;
  /** CONFIG_LOG_PROCESS_THREAD_SLEEP_MS: fewer than that wait so long. */
  readonly logDelayMs: number;
  /** Messages that fit CONFIG_LOG_BUFFER_SIZE (1024, 32 bytes each). */
  readonly logQueueLength: number;
  /** CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE; one byte less is usable. */
  readonly credentialBufferSizeBytes: number;
  /** CONFIG_TLS_MAX_CREDENTIALS_NUMBER. */
  readonly credentialSlots: number;
  /** CONFIG_HEAP_MEM_POOL_ADD_SIZE_TLS_CRED_SHELL, the volatile backend's heap. */
  readonly credentialHeapSizeBytes: number;
  /** CONFIG_TLS_CREDENTIALS_SHELL_CRED_OUTPUT_WIDTH. */
  readonly credentialOutputWidth: number;
  /** CONFIG_PSA_WANT_ALG_SHA_256: without it `cred list` shows ERROR for each digest. */
  readonly digest: boolean;
  /** CONFIG_64BIT: the range of a security tag and the reach of the `cred del` defect depend on it. */
  readonly wordSizeBytes: 4 | 8;
  /** CONFIG_NRF_CLOUD_CREDENTIALS_KEYGEN_SHELL of the nRF Connect SDK: the device can make its own key. */
  readonly deviceKeys: boolean;
  /** A product's own `factory` command, as many have one: it locks the credential store for good. */
  readonly factoryLock: boolean;
}

const interruptDriven: DeviceBuild = {
  summary: 'interrupt-driven UART, 64-byte receive ring, 1024-byte credential buffer, 4 slots',
  minimalShell: false,
  receiveMode: 'interrupt',
  receiveRingSizeBytes: 64,
  transmitRingSizeBytes: 8,
  receivePollPeriodMs: 10,
  commandLineSizeBytes: 256,
  argumentsMax: 20,
  historySizeBytes: 512,
  logMode: 'deferred',
  logBatchLength: 10,
  logDelayMs: 1_000,
  logQueueLength: 32,
  credentialBufferSizeBytes: 1_024,
  credentialSlots: 4,
  credentialHeapSizeBytes: 6_000,
  credentialOutputWidth: 32,
  digest: true,
  wordSizeBytes: 8,
  deviceKeys: false,
  factoryLock: false,
};

/** The builds that the transcripts were taken from. */
export const DEVICE_BUILDS = {
  default: interruptDriven,
  polled: {
    ...interruptDriven,
    receiveMode: 'polled',
    summary: 'UART polled every 10 ms: a burst of more than 64 bytes loses its end',
  },
  minimal: {
    ...interruptDriven,
    minimalShell: true,
    commandLineSizeBytes: 128,
    historySizeBytes: 0,
    summary: 'SHELL_MINIMAL: 128-byte line, no help, no colours, no history, no editing keys',
  },
  immediate: {
    ...interruptDriven,
    logMode: 'immediate',
    summary: 'log lines break into a half-typed command',
  },
  big: {
    ...interruptDriven,
    receiveRingSizeBytes: 2_048,
    commandLineSizeBytes: 1_024,
    credentialBufferSizeBytes: 4_096,
    credentialSlots: 32,
    credentialHeapSizeBytes: 48_000,
    summary: '2048-byte receive ring, 1024-byte line, 4096-byte credential buffer, 32 slots',
  },
  'no-digest': {
    ...interruptDriven,
    digest: false,
    summary: 'no SHA-256: the device cannot show digests of what it stores',
  },
  'nrf-cloud-cred': {
    ...interruptDriven,
    deviceKeys: true,
    summary: 'nRF Connect SDK with nrf_cloud_cred: the device makes its own key and keeps it',
  },
  'factory-lock': {
    ...interruptDriven,
    factoryLock: true,
    summary: 'a product with a `factory` command that locks the credential store for good',
  },
} as const satisfies Record<string, DeviceBuild>;

export type BuildName = keyof typeof DEVICE_BUILDS;
export const BUILD_NAMES = Object.keys(DEVICE_BUILDS) as readonly BuildName[];

/** The builds with one line each, for help texts. */
export function describeBuilds(): readonly { readonly name: BuildName; readonly summary: string }[] {
  return BUILD_NAMES.map((name) => ({ name, summary: DEVICE_BUILDS[name].summary }));
}
