import { describe, expect, it } from 'vitest';
import type { OrderReport } from '../../../core/contract/schemas/orders.ts';
import { reportCsv } from '../../../renderer/screens/orders/reportCsv.ts';
import en from '../../../resources/text/en.json' with { type: 'json' };

const report = (name: string): OrderReport => ({
  order: {
    orderId: 'order-1',
    name,
    targetName: 'nrf7002dk',
    profileName: 'iot-client',
    quantity: 3,
    listedSerials: 3,
    checkReboot: false,
    seal: false,
    createdAtMs: 0,
    current: false,
    progress: { passed: 2, failed: 1, remaining: 1, runs: 4, yield: 2 / 3 },
  },
  stationName: 'Bench "3", north',
  site: 'Plant',
  madeAtMs: 1,
  failures: [{ code: 'device_silent', count: 1 }],
  openSerials: ['KL7-3'],
});

describe('the report as CSV', () => {
  it('has a row for every figure, failure and open serial', () => {
    const rows = reportCsv(report('WO-1'), en).trimEnd().split('\r\n');
    expect(rows[0]).toBe('Order,WO-1');
    expect(rows).toContain('Passed,2');
    expect(rows).toContain('Credential,Certificate');
    expect(rows).toContain('device_silent,1');
    expect(rows.at(-1)).toBe('Not passed,KL7-3');
  });

  it('says how the passwords were made', () => {
    const made = report('WO-1');
    const passwordPolicy = { alphabet: 'hex', length: 32 } as const;
    expect(reportCsv({ ...made, order: { ...made.order, passwordPolicy } }, en)).toContain(
      'Credential,"Certificate and password: 32 characters (0–9 and a–f), 128 bits of entropy"',
    );
  });

  it('quotes quotes, commas and line ends (RFC 4180)', () => {
    expect(reportCsv(report('a\nb'), en)).toContain('Order,"a\nb"');
    expect(reportCsv(report('x'), en)).toContain('Station,"Bench ""3"", north"');
  });

  it.each(['=1+1', '+1', '-1', '@x'])('keeps a spreadsheet from computing %s', (name) => {
    expect(reportCsv(report(name), en)).toContain(`Order,'${name}`);
  });
});
