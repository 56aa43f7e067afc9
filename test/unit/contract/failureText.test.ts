import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFailure, fillText } from '../../../core/contract/failureText.ts';

describe('fillText', () => {
  it.each([
    ['The port {path} is gone.', { path: '/dev/ttyACM0' }, 'The port /dev/ttyACM0 is gone.'],
    ['The port[ {path}] is gone.', {}, 'The port is gone.'],
    ['The port[ {path}] is gone.', { path: '' }, 'The port is gone.'],
    ['The port {path} is gone.', {}, 'The port … is gone.'],
    ['[{a} of {b} ]bytes', { a: 1 }, 'bytes'],
    ['[{a} of {b} ]bytes', { a: 1, b: 0 }, '1 of 0 bytes'],
  ])('%s with %o', (template, details, text) => {
    expect(fillText(template, details)).toBe(text);
  });

  it('never reads a value as template', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        expect(fillText('<{a}>[<{a}>]', { a: value, b: 'x' })).toBe(`<${value}><${value}>`);
      }),
    );
    expect(fillText('{a}', { a: '{b}[{c}]', b: 'no' })).toBe('{b}[{c}]');
  });

  it('offers milliseconds as seconds', () => {
    const template = { what: 'Limit {limitSeconds} s.', next: '' };
    expect(describeFailure(template, { limitMs: 60_000 }).what).toBe('Limit 60 s.');
    expect(describeFailure(template, { limitMs: 1_234 }).what).toBe('Limit 1.2 s.');
  });

  it('puts words for codes, and leaves other values as they are', () => {
    const template = { what: 'It failed: {reason}.', next: '' };
    const words = { reason: { encoding: 'not text' } };
    expect(describeFailure(template, { reason: 'encoding' }, words).what).toBe('It failed: not text.');
    expect(describeFailure(template, { reason: 'constructor' }, words).what).toBe('It failed: constructor.');
  });

  it('describes both sentences', () => {
    expect(describeFailure({ what: 'A {x}.', next: 'B {x}.' }, { x: 1 })).toEqual({
      what: 'A 1.',
      next: 'B 1.',
    });
  });
});
