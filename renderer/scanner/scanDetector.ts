// Tells a barcode scanner from a person: a scanner types at least a few characters, each within a blink of the one before,
// and ends with Enter. Pure: it is fed keys and times and says what they were.

/** The longest pause between two characters of a scan. People who roll over keys are slower for four in a row. */
const MAX_GAP_MS = 50;
const MIN_LENGTH = 4;
const MAX_LENGTH = 300;

export type KeyJudgement =
  /** Not part of a scan so far: let it through. */
  | { readonly kind: 'key' }
  /** A fast character after another: probably a scan; it should press no button. */
  | { readonly kind: 'burst'; readonly length: number }
  /** Enter after a burst: `text` was scanned. */
  | { readonly kind: 'scan'; readonly text: string };

export interface ScanDetector {
  /** `key` as in KeyboardEvent.key; `atMs` from any steady clock. */
  feed(key: string, atMs: number): KeyJudgement;
  reset(): void;
}

export function createScanDetector(): ScanDetector {
  let text = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  const reset = (): void => {
    text = '';
  };
  return {
    reset,
    feed: (key, atMs) => {
      const fast = atMs - lastMs <= MAX_GAP_MS;
      // Shift comes between the characters of a scan of capitals; it neither counts nor breaks it.
      if (key === 'Shift' || key === 'CapsLock') return { kind: 'key' };
      lastMs = atMs;
      if (key === 'Enter' || key === 'Tab') {
        const scanned = fast && text.length >= MIN_LENGTH ? text : undefined;
        reset();
        return scanned === undefined ? { kind: 'key' } : { kind: 'scan', text: scanned };
      }
      if ([...key].length !== 1) {
        reset();
        return { kind: 'key' };
      }
      text = fast && text.length < MAX_LENGTH ? text + key : key;
      return text.length > 1 ? { kind: 'burst', length: text.length } : { kind: 'key' };
    },
  };
}
