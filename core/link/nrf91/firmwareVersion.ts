// Modem firmware versions: what a modem can do depends on them.

/** Modem firmware `mfw_nrf9160_1.3.2` as numbers; undefined for a name of another form. */
export function firmwareVersion(firmware: string): readonly [number, number, number] | undefined {
  const match = /_(\d+)\.(\d+)\.(\d+)/.exec(firmware);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Whether `version` is `wanted` or newer; an unknown version is not. */
export const atLeast = (version: readonly number[] | undefined, wanted: readonly number[]): boolean => {
  if (version === undefined) return false;
  const differing = wanted.findIndex((part, index) => version[index] !== part);
  return differing < 0 || (version[differing] ?? 0) > (wanted[differing] ?? 0);
};
