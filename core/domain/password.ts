// Passwords as the other kind of credential: what they are made of, and who checks them.

/** `unambiguous` leaves out what a reader of a label mistakes: 0 O, 1 I l, and vowels that spell words. */
export const PASSWORD_ALPHABETS = {
  'letters-digits': 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  unambiguous: 'BCDFGHJKMNPQRSTVWXZbcdfghjkmnpqrstvwxz23456789',
  hex: '0123456789abcdef',
  digits: '0123456789',
} as const;
export type PasswordAlphabet = keyof typeof PASSWORD_ALPHABETS;
export const PASSWORD_ALPHABET_NAMES = Object.keys(PASSWORD_ALPHABETS) as [
  PasswordAlphabet,
  ...PasswordAlphabet[],
];

export interface PasswordPolicy {
  readonly alphabet: PasswordAlphabet;
  readonly length: number;
}

export const DEFAULT_PASSWORD_POLICY: PasswordPolicy = { alphabet: 'unambiguous', length: 20 };

/** Brokers hash with few rounds: the password itself must be beyond guessing. */
export const MIN_ENTROPY_BITS = 72;

/** Bits of entropy of a password made under `policy`. */
export const entropyBits = ({ alphabet, length }: PasswordPolicy): number =>
  length * Math.log2(PASSWORD_ALPHABETS[alphabet].length);

/** Whose password file. */
export const PASSWORD_FORMATS = ['mosquitto', 'emqx', 'htpasswd', 'vernemq', 'hivemq', 'rabbitmq'] as const;
export type PasswordFormat = (typeof PASSWORD_FORMATS)[number];
/** The names that the files have where they are read. */
export const PASSWORD_FILE_NAMES: Readonly<Record<PasswordFormat, string>> = {
  mosquitto: 'mosquitto.passwd',
  emqx: 'emqx-users.csv',
  htpasswd: 'htpasswd',
  vernemq: 'vmq.passwd',
  hivemq: 'hivemq-credentials.xml',
  rabbitmq: 'rabbitmq-users.json',
};
