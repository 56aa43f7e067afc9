// How one family of modules stores credentials, as data: commands with `{…}` for what differs from item to item. A new
// module is a new target file, not new code.

import { z } from 'zod';
import { StationError } from '../../domain/stationError.ts';
import type { Target } from '../../domain/target.ts';
import { terminatorSchema } from '../at/terminator.ts';
import { isPattern } from '../pattern.ts';
import { sealSchema } from '../seal/sealOptions.ts';
import { optionsInvalid, readOptions } from '../targetOptions.ts';

const command = z.string().regex(/^AT[\x20-\x7e]*$/, 'an AT command');
const pattern = z.string().refine(isPattern, 'a regular expression');
/** What stands for `{…}` in the commands of one item; quotes and line ends would end the command. */
const itemValues = z.record(z.string(), z.string().regex(/^[^"\r\n]*$/, 'no quotes or line ends'));

export const cellularOptionsSchema = z.strictObject({
  terminator: terminatorSchema.prefault('cr'),
  /** Sent first, each allowed to fail: echo off, verbose errors. */
  setup: z.array(command).default(['ATE0', 'AT+CMEE=2']),
  /** `prefix` says what kind of number it is. */
  identity: z
    .strictObject({ command, pattern, prefix: z.enum(['imei', 'mac', 'serial']).default('imei') })
    .prefault({ command: 'AT+CGSN', pattern: '^(\\d{15})$' }),
  /** Starts the module anew; 3GPP TS 27.007 8.2 has `AT+CFUN=1,1` for it. Left out: somebody has to. */
  restart: command.optional(),
  firmware: z.strictObject({ command, pattern }).prefault({ command: 'AT+CGMR', pattern: '^(\\S.*)$' }),
  items: z.strictObject({ ca: itemValues, certificate: itemValues, privateKey: itemValues }),
  content: z
    .strictObject({
      encoding: z.enum(['pem', 'der']).default('pem'),
      lineEnd: z.enum(['lf', 'crlf']).default('lf'),
      privateKey: z.enum(['pkcs8', 'sec1']).default('sec1'),
      maxSizeBytes: z.int().min(1).max(1_048_576).default(8_192),
    })
    .prefault({}),
  write: z.strictObject({
    /** Each allowed to fail. */
    before: z.array(command).default([]),
    command,
    /** After it the module takes exactly `{size}` bytes. */
    mark: z.string().min(1).max(32),
    /** Follows the bytes and is not counted. */
    suffix: z.string().default(''),
    pieceBytes: z.int().min(1).max(65_536).default(1_024),
    pauseMs: z.int().min(0).max(1_000).default(0),
    /** The module says this after each piece. */
    acknowledgement: z.string().max(8).optional(),
    silenceMs: z.int().min(100).max(120_000).default(10_000),
    after: z.array(command).default([]),
  }),
  /** Left out where writing replaces what is there. */
  remove: z.strictObject({ command }).optional(),
  /** `pattern` finds one item's line; its first group, if any, is the size. With `{…}` the command is sent per item. */
  list: z.strictObject({
    before: z.array(command).default([]),
    command,
    pattern,
    after: z.array(command).default([]),
  }),
  digest: z
    .strictObject({
      kind: z.enum(['md5-der', 'xor16']),
      /** `write`: stands in the answer to writing; a command asks for it. */
      source: z.union([z.literal('write'), command], { error: 'must be "write" or an AT command' }),
      pattern,
    })
    .optional(),
  /** How it is locked for good; see docs/targets/sealing.md. */
  seal: sealSchema.optional(),
  /** `head` ends where the content begins. */
  readBack: z
    .strictObject({
      before: z.array(command).default([]),
      command,
      head: pattern,
      after: z.array(command).default([]),
    })
    .optional(),
});

const PLACEHOLDER = /\{([a-z]+)\}/gi;
export type CellularDialect = Readonly<z.infer<typeof cellularOptionsSchema>>;

/** Reads the dialect in a target's options; the error names the field (`target_invalid`). */
export function parseDialect(target: Target): CellularDialect {
  const dialect = readOptions(cellularOptionsSchema, target);
  for (const [item, values] of Object.entries(dialect.items)) {
    const missing = namesIn(dialect).find(({ name }) => name !== 'size' && values[name] === undefined);
    if (missing !== undefined) {
      const { name, place } = missing;
      throw optionsInvalid(target, `items.${item}: no value for {${name}}, which stands in ${place}`);
    }
  }
  return dialect;
}

/** Every `{name}` in what is sent or matched for one item, and where it stands. */
function namesIn({ write, remove, list, digest, readBack }: CellularDialect) {
  const texts = {
    'write.command': write.command,
    'remove.command': remove?.command,
    'list.command': list.command,
    'list.pattern': list.pattern,
    'digest.source': digest?.source,
    'digest.pattern': digest?.pattern,
    'readBack.command': readBack?.command,
    'readBack.head': readBack?.head,
  };
  return Object.entries(texts).flatMap(([place, text = '']) =>
    [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => ({ name, place })),
  );
}

/** `text` with each `{name}` replaced; `target_invalid` for one without a value. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new StationError('target_invalid', { reason: `no value for {${name}}` });
    return value;
  });
}

/** A pattern of the dialect for one item: the values stand for themselves. */
export const patternFor = (text: string, values: Readonly<Record<string, string>>): RegExp => {
  const escaped = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')]),
  );
  return new RegExp(fillIn(text, escaped));
};
