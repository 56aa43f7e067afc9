// A released migration never changes: databases in the field were made by it. A failing hash here means: write a new step.

import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../../../core/inventory/database/migrations/index.ts';

const RELEASED: Readonly<Record<string, string>> = {
  '10 station-and-audit': 'dd357ef2177d38f8d5500d0cafd18904f7312feca7b38ceadc20c7a14a441fe3',
  '100 authority': 'a2640190d29c2dec58143b24cebd7112e0c8c46e8fbc0ef3532ec9f3fb5d46c1',
  '110 batch-blocks': '5767f7daf1966dbcce18e4e80b8a15381228e372b3b4325b023f0d3c001ecab5',
  '120 device-list-order': '9659d6b4e1764249f39b322282ef9b9697ff961afdab850d1c5ac90306c31fab',
  '130 order-last-checks': '93d8dc69e32a456217ef595230c2233f949740184fe7eb4b51671a42b4714f80',
  '140 installed-passwords': 'fa179b55d894c6c0b1130ee3fc3100e7b7c3c2c71df72c443a78e030e03fa62e',
  '150 device-list-filters': '9b8114c7a5e29a2b053fab0482d9efb98352ccec3a0e05f081d4b31cac8f4dc9',
  '160 provisional-hardware-id': '2fb1faf2c9073fe8a485cfe758f67363aa990709e452765e6f9de8f11d70862e',
  '170 device-groups': 'bc0d040ad1b162fe0a2bc23f5135d4b80c99ff0c4cca4993eda10306a417a9dc',
  '20 work-order': 'd139854f1f08ee33769dda32c9cca8fad751f0e85834893e69894babd899451e',
  '30 device': '94c5a6948f03e499b6df2922dd5425f884bda654fed7c6fbb9eb302d1ed881be',
  '40 run': 'f4420de783538860267f9df905c1fbfe68200e388785c4a888a57d4ba72d7b47',
  '50 credential': 'e2b290d0c2523efe4cf7ddfc1b88970c992ea29e6fdcf05fd5ce7c8901d12a93',
  '60 operator': '0b1ad00d14a8f7970be426f7b4f0699c0d861d361b8b50f16fcfa80fb046d944',
  '70 device-list': '3a16f9241f4f95b227b816daa13945edb310c6617f69e3f6796044a951897326',
};

it('leaves every released migration as it was', () => {
  const found = Object.fromEntries(
    MIGRATIONS.map(({ version, name, sql }) => [
      `${version} ${name}`,
      createHash('sha256').update(sql).digest('hex'),
    ]),
  );
  expect(found).toEqual(RELEASED);
});

it('numbers migrations upwards from 10', () => {
  const versions = MIGRATIONS.map((migration) => migration.version);
  expect(versions[0]).toBe(10);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
});
