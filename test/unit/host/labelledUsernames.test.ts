import { expect, test } from 'vitest';
import { labelledUsernames } from '../../../core/host/passwords.ts';

const nobodyHolds = { passwordHolder: () => undefined };

test('a user gets one label, however often and however spelled the name is given: a second password would void the first', () => {
  expect(labelledUsernames(nobodyHolds, ['SN-1', 'SN-2', 'SN-1'], undefined)).toEqual(['SN-1', 'SN-2']);
  expect(labelledUsernames(nobodyHolds, ['SN-1', 'sn-1'], undefined)).toEqual(['sn-1']);
});
