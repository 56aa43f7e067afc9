// What a simulated device can be told to be, read strictly: the options come from command lines, configuration and pipes.

import { z } from 'zod';
import { StationError } from '../domain/stationError.ts';
import { BUILD_NAMES, type BuildName, DEVICE_BUILDS, type DeviceBuild } from './build.ts';

const hardwareIdSchema = z
  .string()
  .regex(/^([0-9a-f]{2}){1,16}$/, '1 to 16 bytes as lower-case hexadecimal digits');

/** Ways in which a device misbehaves. Byte counts count what the host sends from when the faults are set. */
export const faultsSchema = z.strictObject({
  /** Reboots in the middle of whatever it does, once. */
  rebootAfterBytes: z.int().min(1).optional(),
  /** The port disappears, as if the cable were pulled, once. */
  vanishAfterBytes: z.int().min(1).optional(),
  /** Sends random bytes at full line speed for ever. */
  babble: z.boolean().optional(),
  /** Takes everything and never answers. */
  silent: z.boolean().optional(),
  /** Speaks another protocol: answers each line as an AT modem does that knows no such command. */
  otherProtocol: z.boolean().optional(),
  /** Reported instead of the hardware id from the second `hwinfo devid` on: another unit was plugged in. */
  secondHardwareId: hardwareIdSchema.optional(),
  /** `cred list` shows digests that do not belong to what is stored. */
  corruptDigest: z.boolean().optional(),
  /** The byte with this number, counted from 1, is lost on the line. */
  dropByteAt: z.int().min(1).optional(),
});
export type Faults = Readonly<z.infer<typeof faultsSchema>>;

export const deviceOptionsSchema = z.strictObject({
  build: z.enum(BUILD_NAMES as [BuildName, ...BuildName[]]).default('default'),
  /** Bits per second, or `instant`: everything arrives at once, as on Zephyr's native simulator board. */
  lineRate: z.union([z.int().min(300).max(12_000_000), z.literal('instant')]).default(115_200),
  /** Where credentials are kept: in RAM, or in protected storage that survives a reboot. */
  backend: z.enum(['volatile', 'protected']).default('volatile'),
  /** CONFIG_SHELL_PROMPT_UART. */
  prompt: z
    .string()
    .regex(/^[\x20-\x7e]{1,19}$/, '1 to 19 printable characters')
    .default('uart:~$ '),
  /** Shown in the boot banner and by `kernel version`. */
  firmwareVersion: z
    .string()
    .regex(/^[\x21-\x7e]{1,40}$/)
    .default('4.3.0'),
  /** What `hwinfo devid` reports; drawn at random and kept in the state file where it is not given. */
  hardwareId: hardwareIdSchema.optional(),
  /** CONFIG_HWINFO_SHELL. */
  hwinfo: z.boolean().default(true),
  /** CONFIG_SHELL_ECHO_STATUS. */
  echo: z.boolean().default(true),
  /** CONFIG_SHELL_START_OBSCURED: asks for this password before anything else. */
  loginPassword: z
    .string()
    .regex(/^[\x21-\x7e]{1,40}$/)
    .optional(),
  /** A log line every so often from power-on; 0 is none. */
  noiseIntervalMs: z.int().min(0).max(60_000).default(0),
  /** CONFIG_SHELL_BACKEND_SERIAL_CHECK_DTR. A pty has no DTR line: there it counts as asserted. */
  checkDtr: z.boolean().default(false),
  /** CONFIG_64BIT; the build's own where it is not given. */
  wordSizeBytes: z.union([z.literal(4), z.literal(8)]).optional(),
  /** What the host sees of a reboot: a UART adapter stays, a device with its own USB comes back as another port. */
  portAtReboot: z.enum(['stays', 'changes']).default('stays'),
  /** How long the device is deaf after power-on. */
  bootDelayMs: z.int().min(0).max(60_000).default(5),
  faults: faultsSchema.default({}),
});

/** What a host may say about a device; everything has a default. */
export type DeviceOptionsInput = z.input<typeof deviceOptionsSchema>;
export type DeviceOptions = Readonly<z.infer<typeof deviceOptionsSchema>>;

/** Reads a device's options; throws `value_invalid`. */
export function parseDeviceOptions(input: unknown): DeviceOptions {
  const result = deviceOptionsSchema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new StationError('value_invalid', {
    what: 'simulated device',
    field: issue?.path.join('.') ?? '',
    reason: issue?.message ?? '',
  });
}

/** The build that the options select, with what they override in it. */
export function selectBuild(options: DeviceOptions): DeviceBuild {
  const build = DEVICE_BUILDS[options.build];
  return options.wordSizeBytes === undefined ? build : { ...build, wordSizeBytes: options.wordSizeBytes };
}
