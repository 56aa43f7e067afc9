// What `keyline target new --seal` puts into a file: whole and valid, to be adapted to what the board's firmware really has.

import { applyEdits, modify } from 'jsonc-parser';
import { StationError } from '../../domain/stationError.ts';
import type { SealOptions } from './sealOptions.ts';

const WARNING = 'The credential store is locked for good: this device can never get another credential.';

const shell: SealOptions = {
  warning: WARNING,
  commands: [{ command: 'factory lock', done: '^Credential store locked\\.$' }],
  state: {
    command: 'factory state',
    locked: '^Credential store: locked$',
    unlocked: '^Credential store: open$',
  },
};

const modem: SealOptions = {
  warning: WARNING,
  commands: [{ command: 'AT+FACTORYLOCK=1', done: '^OK$' }],
  state: { command: 'AT+FACTORYLOCK?', locked: '^\\+FACTORYLOCK: 1$', unlocked: '^\\+FACTORYLOCK: 0$' },
};

/** By driver; the others have no line on which a lock could be asked for. */
const TEMPLATES: Readonly<Record<string, SealOptions>> = {
  zephyr: shell,
  'nrf-cloud-cred': shell,
  'freertos-pki': shell,
  nrf91: modem,
  cellular: modem,
};

/** The target's text with a lock in its options, its layout kept. `usage` for a driver that cannot seal. */
export function withSealTemplate(text: string, driver: string): string {
  const template = TEMPLATES[driver];
  if (template === undefined) {
    const known = Object.keys(TEMPLATES).join(', ');
    throw new StationError('usage', {
      reason: `driver “${driver}” cannot seal a device; these can: ${known}`,
    });
  }
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  return applyEdits(text, modify(text, ['options', 'seal'], template, { formattingOptions }));
}
