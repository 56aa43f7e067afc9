// A target in a file of its own: read, and checked with the line of every mistake, for engineers who write one.

import { basename } from 'node:path';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { z } from 'zod';
import { readWholeFile } from '../disk/boundedFile.ts';
import { issueWords } from '../domain/issueWords.ts';
import { StationError } from '../domain/stationError.ts';
import { parseTarget, type Target, targetSchema } from '../domain/target.ts';
import type { Driver } from './driver.ts';
import { impossibleKey, withKeyAlgorithms } from './driverRegistry.ts';
import { checkPasswordSlot } from './passwordSlot.ts';

export interface TargetMistake {
  /** From 1. */
  readonly line: number;
  /** `options.securityTag`; empty where the file itself is wrong. */
  readonly field: string;
  readonly reason: string;
}

/** jsonc-parser's code for a text that ends where a value should begin. */
const NO_VALUE = 4;

export type TargetCheck =
  | { readonly target: Target; readonly mistakes: readonly [] }
  | { readonly target: undefined; readonly mistakes: readonly TargetMistake[] };

/** Names and paths look different: a name has neither a separator nor an ending. */
export const isTargetPath = (nameOrPath: string): boolean => /[/\\]|\.json$/i.test(nameOrPath);

/** Reads a target file; `target_invalid` names the file with the line of its first mistake. */
export function readTargetFile(path: string, drivers: readonly Driver[]): Target {
  const { target, mistakes } = checkTargetText(readText(path), drivers);
  if (target !== undefined) return target;
  const [first] = mistakes;
  throw new StationError('target_invalid', {
    source: `${path}:${first?.line ?? 1}`,
    reason: mistakes.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; '),
  });
}

/** As readTargetFile, but tells every mistake instead of throwing. */
export const checkTargetFile = (path: string, drivers: readonly Driver[]): TargetCheck =>
  checkTargetText(readText(path), drivers);

/** Checks a target's text: JSON first, then the fields that all targets have, then the driver's own options. */
export function checkTargetText(text: string, drivers: readonly Driver[]): TargetCheck {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const wrong = (mistakes: readonly TargetMistake[]): TargetCheck => ({ target: undefined, mistakes });
  if (root === undefined || errors.length > 0) {
    // What a parser finds after its first mistake is mostly made of that one.
    const { error, offset } = errors[0] ?? { error: NO_VALUE, offset: 0 };
    const reason = `not JSON: ${wordsOf(printParseErrorCode(error))}`;
    return wrong([{ line: lineAt(text, offset), field: '', reason }]);
  }
  const content: unknown = JSON.parse(text);
  const mistakesOf = (issues: readonly z.core.$ZodIssue[], below: readonly string[] = []) =>
    issues.map((issue) => locate(text, root, issue, below));
  const parsed = targetSchema.safeParse(content);
  if (!parsed.success) return wrong(mistakesOf(parsed.error.issues));
  const driver = drivers.find(({ name }) => name === parsed.data.driver);
  if (driver === undefined) {
    const known = drivers.map(({ name }) => name).join(', ');
    const reason = `unknown "${parsed.data.driver}"; known: ${known}`;
    return wrong([{ line: lineOf(text, root, ['driver']), field: 'driver', reason }]);
  }
  const options = driver.optionsSchema.safeParse(parsed.data.options);
  if (!options.success) return wrong(mistakesOf(options.error.issues, ['options']));
  const target = parseTarget(content, parsed.data.name);
  const checks = [
    ['options', () => driver.checkTarget(target)],
    ['passwordSlot', () => checkPasswordSlot(driver, target)],
  ] as const;
  for (const [field, check] of checks) {
    const reason = refusalOf(check);
    if (reason !== undefined) return wrong([placed(text, root, field, reason)]);
  }
  const possible = driver.keyAlgorithms(target);
  const impossible = (target.keyAlgorithms ?? []).flatMap((algorithm, index) =>
    possible.includes(algorithm) ? [] : [{ algorithm, index }],
  );
  if (impossible.length === 0) return { target: withKeyAlgorithms(target, driver), mistakes: [] };
  return wrong(
    impossible.map(({ algorithm, index }) => ({
      line: lineOf(text, root, ['keyAlgorithms', index]),
      field: `keyAlgorithms[${index}]`,
      reason: impossibleKey(algorithm, possible),
    })),
  );
}

/** Why a check refuses a target; undefined where it does not. */
function refusalOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof StationError)) throw thrown;
    return String(thrown.details.reason ?? thrown.code);
  }
}

/** A refusal that begins with its field stands at that field's line. */
function placed(text: string, root: Node, within: string, reason: string): TargetMistake {
  const [, field = within, words = reason] = /^([A-Za-z]+(?:\.[A-Za-z0-9]+)+): (.*)$/s.exec(reason) ?? [];
  return { line: lineOf(text, root, field.split('.')), field, reason: words };
}

function locate(text: string, root: Node, issue: z.core.$ZodIssue, below: readonly string[]): TargetMistake {
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...below, ...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])].map(asSegment);
  const reason = unknownKey === undefined ? issueWords(issue) : 'unknown field';
  return { line: lineOf(text, root, path), field: fieldName(path), reason };
}

const asSegment = (part: PropertyKey): string | number => (typeof part === 'number' ? part : String(part));

const fieldName = (path: readonly (string | number)[]): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`))
    .join('');

/** The line of the field, or of the nearest thing around it that is there. */
function lineOf(text: string, root: Node, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node !== undefined)
      return lineAt(text, node.parent?.type === 'property' ? node.parent.offset : node.offset);
  }
  return lineAt(text, root.offset);
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const wordsOf = (code: string): string => code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

function readText(path: string): string {
  const invalid = (reason: string, cause?: unknown): StationError =>
    new StationError('target_invalid', { source: basename(path), reason }, { cause });
  let bytes: Buffer | undefined;
  try {
    bytes = readWholeFile(path);
  } catch (cause) {
    throw invalid(
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : 'not readable',
      cause,
    );
  }
  if (bytes === undefined) throw invalid('too long');
  return bytes.toString('utf8');
}
