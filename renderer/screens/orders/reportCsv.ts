// A work order's report as CSV (RFC 4180), for whatever reads it next. Pure.

import { fillText } from '../../../core/contract/failureText.ts';
import type { OrderReport } from '../../../core/contract/schemas/orders.ts';
import type { Text } from '../../words/text.ts';
import { credentialWords } from './credentialWords.ts';

/** A spreadsheet must not take a value for a formula. */
const safe = (value: string): string => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);

const field = (value: string | number | undefined): string => {
  const text = typeof value === 'number' ? String(value) : safe(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const time = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : new Date(atMs).toISOString();

export function reportCsv(report: OrderReport, t: Text): string {
  const { order } = report;
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    [t.orders.name, order.name],
    [t.sheet.station, report.stationName],
    [t.sheet.site, report.site],
    [t.orders.target, order.targetName],
    [t.orders.profile, order.profileName],
    [t.orders.credential, credentialWords({ t, fill: fillText, number: String }, order.passwordPolicy)],
    [t.orders.quantity, order.quantity],
    [t.orders.passed, order.progress.passed],
    [t.orders.failed, order.progress.failed],
    [t.orders.remaining, order.progress.remaining],
    [t.orders.runs, order.progress.runs],
    [t.orders.yield, order.progress.yield],
    [t.orders.firstPass, order.progress.firstPassYield],
    [t.orders.created, time(order.createdAtMs)],
    [t.orders.closedAt, time(order.closedAtMs)],
    ...report.failures.map(({ code, count }) => [code, count] as const),
    ...report.openSerials.map((serial) => [t.orders.openSerials, serial] as const),
  ];
  return `${rows.map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}
