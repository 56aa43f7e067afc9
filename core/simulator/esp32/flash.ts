// NOR flash: erasing sets whole sectors to ones, writing can only clear bits. Whoever forgets to erase gets the AND of
// old and new.

import { createHash } from 'node:crypto';
import type { DeviceMemory } from '../lineDevice.ts';

export const SECTOR_SIZE_BYTES = 4_096;

export class Flash {
  readonly bytes: Uint8Array;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes).fill(0xff);
  }

  /** Erases every sector that the range touches. */
  erase(address: number, sizeBytes: number): void {
    const start = Math.floor(address / SECTOR_SIZE_BYTES) * SECTOR_SIZE_BYTES;
    const end = Math.ceil((address + sizeBytes) / SECTOR_SIZE_BYTES) * SECTOR_SIZE_BYTES;
    this.bytes.fill(0xff, start, end);
  }

  write(address: number, content: Uint8Array): void {
    content.forEach((byte, index) => {
      this.bytes[address + index] = (this.bytes[address + index] ?? 0) & byte;
    });
  }

  read(address: number, sizeBytes: number): Uint8Array {
    return this.bytes.slice(address, address + sizeBytes);
  }

  /** Sectors that are not erased, by address. */
  get memory(): DeviceMemory {
    return {
      save: () => {
        const sectors = new Map<string, Uint8Array>();
        for (let address = 0; address < this.bytes.length; address += SECTOR_SIZE_BYTES) {
          const sector = this.read(address, SECTOR_SIZE_BYTES);
          if (sector.some((byte) => byte !== 0xff)) sectors.set(String(address), sector);
        }
        return sectors;
      },
      load: (kept) => {
        this.bytes.fill(0xff);
        for (const [address, sector] of kept) this.bytes.set(sector, Number(address));
      },
    };
  }

  md5(address: number, sizeBytes: number): Buffer {
    return createHash('md5')
      .update(this.bytes.subarray(address, address + sizeBytes))
      .digest();
  }
}
