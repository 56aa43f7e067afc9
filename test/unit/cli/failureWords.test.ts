// Every failure has words, and every place that throws one brings the facts that its words name.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureWords } from '../../../cli/output/failureWords.ts';
import { resourcesFolder } from '../../../cli/resources.ts';
import { ERROR_SIDES, type ErrorCode } from '../../../core/domain/stationError.ts';

const CODES = Object.keys(ERROR_SIDES) as ErrorCode[];
const { failures } = JSON.parse(readFileSync(join(resourcesFolder, 'text', 'en.json'), 'utf8')) as {
  failures: Record<string, { what: string; next: string }>;
};
const ROOT = join(resourcesFolder, '..');

/** Fields that stand outside brackets: without them the sentence has a hole. */
const demanded = (code: ErrorCode): readonly string[] => {
  const { what = '', next = '' } = failures[code] ?? {};
  const text = `${what} ${next}`.replace(/\[[^\]]*\]/g, '');
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field);
};

/** Every `new StationError('code', {…})` of the product whose facts are written out where it is thrown. */
function thrown(): readonly { readonly file: string; readonly code: string; readonly facts: string }[] {
  return ['core', 'cli'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const source = readFileSync(join(ROOT, folder, name), 'utf8');
        const calls = source.matchAll(/new StationError\(\s*'(\w+)'(?:,\s*\{([\s\S]*?)\}(?:,|\s*\)))?/g);
        return [...calls].map(([, code = '', facts = '']) => ({ file: `${folder}/${name}`, code, facts }));
      }),
  );
}

describe('the words for what a device’s answer means', () => {
  const refused = (details: Record<string, string | number>) =>
    failureWords({ code: 'device_refused', details });

  test('name the cause and the next action in place of a number', () => {
    const { what, next } = refused({ command: 'AT%CMNG=0', cmeCode: 528, meaning: 'supply-voltage' });
    expect(what).toBe('The modem warns that its supply voltage is too low.');
    expect(next).toContain('Check the fixture’s power supply');
    expect(refused({ meaning: 'content-rejected', lineEnd: 'lf' }).what).toContain('its lines ended in lf');
    expect(refused({ meaning: 'modem-active' }).next).toContain('at_client');
  });

  test('do not come from what a device made up', () => {
    expect(refused({ command: 'x', meaning: 'constructor' }).what).toContain('refused the command');
    expect(refused({ command: 'x', meaning: 'no such meaning' }).what).toContain('refused the command');
  });
});

describe('the words of failures', () => {
  test('are there for every code, and for nothing else', () => {
    expect(Object.keys(failures).sort()).toEqual([...CODES].sort());
  });

  test.each(CODES)('%s: says what and what to do next, without holes where facts are missing', (code) => {
    const facts = Object.fromEntries(demanded(code).map((field) => [field, `<${field}>`]));
    const known = { ...facts, known: 'a, b', pid: 7 };
    const { what, next } = failureWords({ code, details: known });
    for (const sentence of [what, next]) {
      expect(sentence).toMatch(/^(?:[A-Z“]|<).*(?:[.?!]|: keyline .+)$/);
      expect(sentence).not.toMatch(/[{}[\]]|undefined|…/);
    }
  });

  test('get the facts that they need wherever one is thrown', () => {
    const sites = thrown();
    expect(sites.length).toBeGreaterThan(80);
    const holes = sites.flatMap(({ file, code, facts }) =>
      // Spread facts cannot be read from the source.
      facts.includes('...')
        ? []
        : demanded(code as ErrorCode)
            .filter((field) => !new RegExp(`\\b${field}\\b`).test(facts))
            .map((field) => `${file}: ${code} without ${field}`),
    );
    // The simulator's process boundary: its host's own command line names the option.
    expect(holes.filter((hole) => !hole.startsWith('core/simulator/'))).toEqual([]);
  });

  test('say in words what is wrong with a request and what a consumer would refuse', () => {
    const folder = join(ROOT, 'core', 'authority');
    const texts = ['request', 'trust'].flatMap((name) =>
      readdirSync(join(folder, name)).map((file) => readFileSync(join(folder, name, file), 'utf8')),
    );
    const reasons = texts.flatMap((text) =>
      [...text.matchAll(/(?:requestInvalid\(|registration-code|limitBroken\([^,]+,\s*)'([a-z-]+)'/g)].map(
        ([, reason = '']) => reason,
      ),
    );
    expect(reasons.length).toBeGreaterThan(15);
    const silent = reasons.filter((reason) => {
      const { what } = failureWords({ code: 'request_invalid', details: { reason } });
      return what.includes(`: ${reason}`);
    });
    expect(silent).toEqual([]);
    expect(
      failureWords({
        code: 'trust_limit',
        details: { consumer: 'aws-iot', limit: 'registration-code', value: '?' },
      }).what,
    ).toBe(
      'aws-iot would not accept this: the registration code has a character or a length that no such code has (?).',
    );
  });

  test('say in words what is wrong with a CA’s files, a list, a name', () => {
    const folder = join(ROOT, 'core', 'authority');
    const texts = ['import', 'issuing', 'pkcs11', 'revocation', 'ssh', 'x509'].flatMap((name) =>
      readdirSync(join(folder, name)).map((file) => readFileSync(join(folder, name, file), 'utf8')),
    );
    const reasons = texts.flatMap((text) =>
      [
        ...text.matchAll(
          /(?:reason: |broken\(|requestInvalid\(|keyTrouble\(|(?:refuse|invalid)\((?=[^,()]*\)))'([a-z-]+)'/g,
        ),
      ].map(([, reason = '']) => reason),
    );
    expect(reasons.length).toBeGreaterThan(25);
    const silent = reasons.filter((reason) =>
      failureWords({ code: 'chain_invalid', details: { reason } }).what.includes(`: ${reason}`),
    );
    expect(silent).toEqual([]);
  });

  test('name the broken rule of a CA that is brought, or of the station’s own check', () => {
    const chain = failureWords({ code: 'chain_invalid', details: { reason: 'version-3', subject: 'CN=A' } });
    expect(chain.what).toBe(
      'The certificate chain is not valid: the certificate is not of version 3 (CN=A).',
    );
    const check = { rule: 'public-key-weak', found: 'rsa-1024' };
    expect(failureWords({ code: 'certificate_check_failed', details: check }).what).toBe(
      'The certificate did not pass the station’s own check: its public key is too weak (rsa-1024). It was not used.',
    );
  });

  test('are the command line’s own where a flag is the answer', () => {
    expect(failureWords({ code: 'slot_taken', details: {} }).next).toContain('--replace');
    expect(failureWords({ code: 'station_locked', details: { pid: 42 } }).next).toContain('process 42');
    expect(failureWords({ code: 'profile_unknown', details: { name: 'x', known: 'a, b' } })).toEqual({
      what: 'There is no certificate profile named “x”.',
      next: 'Choose one of: a, b.',
    });
  });

  test('never read a value as a template', () => {
    const { what } = failureWords({
      code: 'device_serial_invalid',
      details: { value: '{reason}[x]', reason: 'r' },
    });
    expect(what).toBe('“{reason}[x]” is not a device serial.');
  });
});
