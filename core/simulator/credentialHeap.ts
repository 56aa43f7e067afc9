// The heap copies behind the volatile backend, with the defect of `cred del` in Zephyr 4.3.0: it clears the table of
// references in place of the data, so that neighbouring references are lost and the heap is never given back.

import type { StoredCredential } from './credentialStore.ts';

/** A reference whose pointer was partly overwritten: it takes its place for ever and belongs to no one. */
const CORRUPTED = 'corrupted';
/** The heap's own bookkeeping at its start, and a header before each piece. */
const HEAP_OVERHEAD_BYTES = 96;
const PIECE_OVERHEAD_BYTES = 12;

export type ReleaseResult = 'not-ours' | 'freed' | 'crashed';

export class CredentialHeap {
  #references: (StoredCredential | typeof CORRUPTED | undefined)[];
  #freeBytes: number;
  #pointerSizeBytes: number;

  constructor(slotCount: number, sizeBytes: number, pointerSizeBytes: number) {
    this.#references = Array.from({ length: slotCount }, () => undefined);
    this.#freeBytes = sizeBytes - HEAP_OVERHEAD_BYTES;
    this.#pointerSizeBytes = pointerSizeBytes;
  }

  get hasFreeReference(): boolean {
    return this.#references.includes(undefined);
  }

  /** Sets memory aside; false: there is not enough. */
  allocate(sizeBytes: number): boolean {
    const taken = pieceSizeBytes(sizeBytes);
    if (taken > this.#freeBytes) return false;
    this.#freeBytes -= taken;
    return true;
  }

  giveBack(sizeBytes: number): void {
    this.#freeBytes += pieceSizeBytes(sizeBytes);
  }

  remember(credential: StoredCredential): void {
    this.#references[this.#references.indexOf(undefined)] = credential;
  }

  /**
   * What `cred del` does to a credential's copy. As many bytes as the credential has are zeroed from its reference on:
   * a reference hit in part becomes a wild pointer, and where that is its own the device dies in `k_free`.
   */
  release(credential: StoredCredential): ReleaseResult {
    const first = this.#references.indexOf(credential);
    if (first < 0) return 'not-ours';
    const { length } = credential.bytes;
    if (length === 0) this.giveBack(0);
    // Seen: 1 to 3 bytes on 32-bit, 1 to 2 bytes on 64-bit.
    else if (length < (this.#pointerSizeBytes === 4 ? 4 : 3)) return 'crashed';
    const hit = Math.ceil(length / this.#pointerSizeBytes);
    for (let index = first; index < Math.min(first + hit, this.#references.length); index += 1) {
      const whole = (index - first + 1) * this.#pointerSizeBytes <= length;
      if (whole) this.#references[index] = undefined;
      else if (this.#references[index] !== undefined) this.#references[index] = CORRUPTED;
    }
    this.#references[first] = undefined;
    return 'freed';
  }
}

function pieceSizeBytes(sizeBytes: number): number {
  return Math.ceil((sizeBytes + PIECE_OVERHEAD_BYTES) / 8) * 8;
}
