// npm brings the Node that Keyline runs on (README); a test run on the machine's own older Node would prove nothing.

import { expect, it } from 'vitest';

it('runs on the Node that npm brings', () => {
  expect(process.version).toMatch(/^v24\./);
});

it('and that Node runs TypeScript as it stands', () => {
  expect(process.features.typescript).toBe('strip');
});
