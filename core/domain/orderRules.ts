// What an order is refused for before a device is touched: every rule that needs no more than what was asked and what its target
// can do. Whoever keeps orders adds what depends on its records.

import type { KeyCustody } from './credential.ts';
import { type DeviceSerial, parseDeviceSerial, quoteForDisplay } from './device.ts';
import { checkPasswordPolicy, type PasswordPolicy, parseUsername } from './password.ts';
import type { Profile } from './profile.ts';
import { StationError } from './stationError.ts';
import { type KeyHolder, refuseWithoutSlot, requireKeyAlgorithm } from './target.ts';
import type { LastChecks } from './workOrder.ts';

/** What an order must know of its target. */
export interface OrderTarget {
  readonly name: string;
  /** Where its key may be made, best first. */
  readonly custody: readonly KeyCustody[];
  /** What becomes irreversible when a device is sealed; undefined where none can be. */
  readonly sealWarning?: string | undefined;
  /** The files that stand for a device; undefined where it hangs on a port. */
  readonly fileFormats?: readonly string[] | undefined;
}

/** A profile that demands a key made on the device takes no target that cannot make one (`custody_not_offered`). */
export function requireCustody(
  { custody }: Pick<OrderTarget, 'custody'>,
  { name, keyCustody }: Pick<Profile, 'name' | 'keyCustody'>,
): void {
  if (keyCustody === 'on-device' && !custody.includes('on-device'))
    throw new StationError('custody_not_offered', { profile: name, offered: custody.join(', ') });
}

/** What an order asks for. Sealing takes a supervisor who repeats the order's name, and a target that can; files are not started anew (`value_invalid`). */
export function lastChecksOf(
  target: OrderTarget,
  orderName: string,
  asked: { readonly checkReboot?: boolean | undefined; readonly sealConfirmedFor?: string | undefined },
  role: 'operator' | 'supervisor' | undefined,
): LastChecks | undefined {
  const refuse = (field: string, value: string, reason: string): never => {
    throw new StationError('value_invalid', { field, value, reason });
  };
  const checkReboot = asked.checkReboot === true;
  // Refused before there are runs, of which none could make that check.
  if (checkReboot && target.fileFormats !== undefined) refuse('checkReboot', target.name, 'no-device');
  const { sealConfirmedFor } = asked;
  const seal = sealConfirmedFor !== undefined;
  if (seal) {
    if (role !== 'supervisor') throw new StationError('role_missing', { role: 'supervisor' });
    if (target.sealWarning === undefined) refuse('seal', target.name, 'not-sealable');
    if (sealConfirmedFor !== orderName) refuse('seal', sealConfirmedFor, 'not-confirmed');
  }
  return checkReboot || seal ? { checkReboot, seal } : undefined;
}

const ORDER_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$/;
const QUANTITY_MAX = 1_000_000;

export interface AskedOrder {
  readonly name: string;
  /** Not looked at where there are device serials. */
  readonly quantity: number;
  readonly deviceSerials: readonly string[];
  /** Undefined: certificates alone. */
  readonly passwordPolicy?: PasswordPolicy | undefined;
}

/**
 * Every device serial is checked, and none may stand in the list twice. With passwords every serial is a username, too, and
 * the target must have a place for both (`password_not_offered`).
 */
export function checkNewOrder(
  asked: AskedOrder,
  target: KeyHolder & { readonly passwordSlot?: unknown },
  { keyAlgorithm }: Pick<Profile, 'keyAlgorithm'>,
): { readonly deviceSerials: readonly DeviceSerial[]; readonly quantity: number } {
  const { name, passwordPolicy } = asked;
  if (!ORDER_NAME_PATTERN.test(name)) {
    throw new StationError('value_invalid', {
      field: 'order name',
      value: quoteForDisplay(name),
      reason: 'alphabet',
    });
  }
  requireKeyAlgorithm(target, keyAlgorithm);
  const deviceSerials = asked.deviceSerials.map(parseDeviceSerial);
  if (passwordPolicy !== undefined) {
    checkPasswordPolicy(passwordPolicy);
    refuseWithoutSlot(target);
    deviceSerials.forEach(parseUsername);
  }
  const seen = new Set<string>();
  for (const deviceSerial of deviceSerials) {
    const folded = deviceSerial.toLowerCase();
    if (seen.has(folded)) throw new StationError('device_serial_taken', { deviceSerial, where: 'order' });
    seen.add(folded);
  }
  const quantity = deviceSerials.length > 0 ? deviceSerials.length : asked.quantity;
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > QUANTITY_MAX) {
    throw new StationError('value_invalid', {
      field: 'quantity',
      value: String(quantity),
      reason: `1 to ${QUANTITY_MAX}`,
    });
  }
  return { deviceSerials, quantity };
}

/** A bay holds a device on a port. Files have neither: their orders are issued to a folder (`value_invalid`). */
export function refuseFiles({ name, fileFormats }: Pick<OrderTarget, 'name' | 'fileFormats'>): void {
  if (fileFormats !== undefined)
    throw new StationError('value_invalid', { field: 'target', value: name, reason: 'key-on-disk' });
}

/**
 * An order goes to a folder where its devices are files, it is open with something left, the folder is a whole path, and
 * PKCS#12 files are protected (`value_invalid`, `value_missing`, `order_complete`).
 */
export function checkFolderOrder(
  { name: target, fileFormats }: Pick<OrderTarget, 'name' | 'fileFormats'>,
  order: { readonly name: string; readonly closedAtMs?: number | undefined; readonly remaining: number },
  asked: { readonly folder: string; readonly passphrase?: string | undefined },
  isAbsolute: (path: string) => boolean,
): void {
  const { name, closedAtMs, remaining } = order;
  const { folder, passphrase } = asked;
  if (fileFormats === undefined)
    throw new StationError('value_invalid', { field: 'target', value: target, reason: 'not-files' });
  if (closedAtMs !== undefined) throw new StationError('order_complete', { name });
  if (!isAbsolute(folder))
    throw new StationError('value_invalid', { field: 'folder', value: folder, reason: 'not-absolute' });
  if (fileFormats.includes('pkcs12') && passphrase === undefined)
    throw new StationError('value_missing', { consumer: 'PKCS#12', field: 'passphrase' });
  if (remaining === 0) throw new StationError('order_complete', { name });
}
