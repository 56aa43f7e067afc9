// The check after a restart: a store that lives in RAM holds everything until the power goes. The device is met anew, over a
// new session, and asked what it holds.

import { setTimeout } from 'node:timers/promises';
import { CREDENTIAL_ITEMS, type CredentialItem } from '../../domain/credential.ts';
import type { DeviceIdentity } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { InstallPlan } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { asStationError, type ErrorCode, StationError } from '../../domain/stationError.ts';
import { toldDigests } from '../../domain/verification.ts';
import { interruption } from '../deadline.ts';
import { type RunContext, reservedParts } from './context.ts';
import { openSession } from './openSession.ts';

/** What a port or a device that is just starting may answer with. */
const STARTING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'port_missing',
  'port_failed',
  'port_busy',
  'device_gone',
  'device_silent',
  'device_rebooted',
  'device_babbles',
  'device_answer_invalid',
  'device_protocol_unknown',
]);
/** Between two looks for a port that is not there: the system says nothing when it comes. */
const LOOK_AGAIN_MS = 200;

/** Does nothing unless it was asked for. Errors: `capability_missing` (nobody can restart it), `device_changed`, `verification_mismatch`. */
export async function checkAfterReboot(
  context: RunContext,
  before: DeviceIdentity,
  plan: InstallPlan,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const { checkReboot } = context.request;
  if (checkReboot === undefined) return undefined;
  const { session } = reservedParts(context);
  const { usbSerialNumber } = session;
  const byItself = (await session.restart?.()) ?? false;
  await session.close();
  context.session = undefined;
  if (!byItself) {
    if (checkReboot.askOperator === undefined) {
      throw new StationError('capability_missing', { capability: 'restarting by command' });
    }
    await checkReboot.askOperator(signal);
  }
  context.session = await openAgain(context, usbSerialNumber, signal);
  const after = await context.session.identify();
  if (after.hardwareId !== before.hardwareId) {
    throw new StationError('device_changed', { before: before.hardwareId, after: after.hardwareId });
  }
  return { restartedBy: byItself ? 'command' : 'operator', items: compare(after, plan, context) };
}

/** Opens the port until the device answers; the phase's time is the limit. */
async function openAgain(
  context: RunContext,
  usbSerialNumber: string | undefined,
  signal: AbortSignal,
): Promise<DeviceSession> {
  for (;;) {
    try {
      return await openSession(context, signal, usbSerialNumber);
    } catch (thrown) {
      if (signal.aborted) throw interruption(signal.reason);
      const error = asStationError(thrown);
      if (!STARTING.has(error.code)) throw error;
      await pause(LOOK_AGAIN_MS, signal);
    }
  }
}

/** Every item that was installed must still be listed, with the same digest where the device tells one. */
function compare(after: DeviceIdentity, plan: InstallPlan, context: RunContext): JsonObject {
  const planned = CREDENTIAL_ITEMS.filter((item) => plan.storedDigests[item] !== undefined);
  const items: readonly CredentialItem[] =
    context.custody === 'on-device' ? [...planned, 'privateKey'] : planned;
  return Object.fromEntries(
    items.map((item) => {
      const slot = after.occupied.find((found) => found.item === item);
      if (slot === undefined) {
        throw new StationError('verification_mismatch', { item, reason: 'gone after a restart' });
      }
      const expectedSha256 = plan.storedDigests[item];
      if (slot.sha256 === undefined || expectedSha256 === undefined) return [item, 'present'];
      if (slot.sha256 !== expectedSha256) {
        const digests = toldDigests(item, { expectedSha256, actualSha256: slot.sha256 });
        const reason = 'changed after a restart';
        throw new StationError('verification_mismatch', { item, ...digests, reason });
      }
      return [item, 'same digest'];
    }),
  );
}

/** An abort ends it too; whoever waits looks at the signal next. */
const pause = (durationMs: number, signal: AbortSignal): Promise<void> =>
  setTimeout(durationMs, undefined, { signal }).catch(() => {});
