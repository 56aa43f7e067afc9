// What a device says of itself goes into records and onto screens: printable and short there, whatever it sent.

import { quoteForDisplay } from '../domain/device.ts';
import type { DeviceIdentity } from '../domain/deviceIdentity.ts';
import type { Json, JsonObject } from '../domain/run.ts';

const LONGEST_TEXT = 120;
const MOST_ITEMS = 64;

export function presentable(identity: DeviceIdentity): DeviceIdentity {
  const { firmware, capabilities } = identity;
  return {
    ...identity,
    firmware: firmware === undefined ? undefined : quoteForDisplay(firmware, LONGEST_TEXT),
    capabilities: presentableObject(capabilities),
  };
}

const presentableObject = (facts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, presentableValue(value)]));

function presentableValue(value: Json): Json {
  if (typeof value === 'string') return quoteForDisplay(value, LONGEST_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.slice(0, MOST_ITEMS).map(presentableValue) : presentableObject(value);
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
