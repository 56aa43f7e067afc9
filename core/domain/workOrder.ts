// A request to provision a quantity of devices of one target under one profile.

import type { DeviceSerial } from './device.ts';
import type { OrderId } from './ids.ts';
import type { PasswordPolicy } from './password.ts';

/** What an order asks for at the end of each run, beside the usual. */
export interface LastChecks {
  /** Check again after the device was started anew: a store that is only in its RAM is found out. */
  readonly checkReboot: boolean;
  /** Lock the device, for good. */
  readonly seal: boolean;
}

/** What each device of an order gets. */
export const CREDENTIAL_KINDS = ['certificate', 'certificate-and-password'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

export const NO_LAST_CHECKS: LastChecks = { checkReboot: false, seal: false };

/** What an order asks for beyond a certificate in the usual run. */
export interface OrderWishes {
  /** Undefined: neither. */
  readonly lastChecks?: LastChecks | undefined;
  /** How the password of each device is made; undefined: its devices get certificates alone. */
  readonly passwordPolicy?: PasswordPolicy | undefined;
}

export interface WorkOrder extends OrderWishes {
  readonly orderId: OrderId;
  /** What the shop floor calls it; unique. */
  readonly name: string;
  readonly targetName: string;
  readonly profileName: string;
  readonly quantity: number;
  /** Empty: any device serial is taken until the quantity is reached. */
  readonly deviceSerials: readonly DeviceSerial[];
  readonly createdAtMs: number;
  readonly closedAtMs: number | undefined;
}

export interface WorkOrderProgress {
  /** Devices of this order that passed. */
  readonly passed: number;
  readonly remaining: number;
  /** Runs, retries included. */
  readonly runs: number;
  /** Devices whose first run passed ÷ devices tried, 0 to 1; undefined before the first run closed. */
  readonly firstPassYield: number | undefined;
}
