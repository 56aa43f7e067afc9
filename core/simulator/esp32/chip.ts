// A simulated ESP32 in download mode: the ROM's loader, and the flasher stub once it was uploaded and started. The two
// differ in their status fields, in how they tell an MD5, and in what they can do at all.

import { inflateSync } from 'node:zlib';
import type { DeviceMemory, LineDevice, Send } from '../lineDevice.ts';
import { Flash } from './flash.ts';
import { ERROR, OP, SECURE_DOWNLOAD_OPS } from './operations.ts';
import { defaultPartitions, type PartitionRow, partitionTable } from './partitionTable.ts';
import { SlipReader, slipFrame } from './slip.ts';

export interface ChipOptions {
  readonly model: 'ESP32' | 'ESP32-C3';
  /** Six octets. */
  readonly mac: readonly number[];
  readonly partitions: readonly PartitionRow[];
  readonly secureDownloadMode: boolean;
  readonly flashEncryption: boolean;
  /** Starts the application in place of the loader: IO0 was not low. */
  readonly bootsApplication: boolean;
  /** The write with this number (from 1) goes wrong: a byte of the block is lost on the line. */
  readonly failingWrites: readonly number[];
}

export const defaultChip: ChipOptions = {
  model: 'ESP32',
  mac: [0x24, 0x6f, 0x28, 0x01, 0x02, 0x03],
  partitions: defaultPartitions,
  secureDownloadMode: false,
  flashEncryption: false,
  bootsApplication: false,
  failingWrites: [],
};

const CHECKSUM_SEED = 0xef;
const ROM_SYNC_VALUE = 0x2012_0707;
const FLASH_SIZE_BYTES = 0x40_000;
const TABLE_ADDRESS = 0x8000;
const MAGIC_REGISTER = 0x4000_1000;
const BOOT_LOG =
  'ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\nI (31) boot: ESP-IDF v5.4\r\n';

interface Writing {
  address: number;
  sizeBytes: number;
  blocks: Buffer[];
}

export class Chip implements LineDevice {
  readonly flash = new Flash(FLASH_SIZE_BYTES);
  readonly #options: ChipOptions;
  readonly #send: Send;
  readonly #reader = new SlipReader((frame) => this.#take(frame));
  #mac: number[];
  #stub = false;
  #writing: Writing | undefined;
  #writes = 0;
  /** While the stub sends flash content, the host answers with counts. */
  #reading: { left: Buffer; sent: number; acknowledged: number; window: number; digest: Buffer } | undefined;

  constructor(options: ChipOptions, send: Send) {
    this.#options = options;
    this.#send = send;
    this.#mac = [...options.mac];
    this.flash.write(TABLE_ADDRESS, partitionTable(options.partitions));
    if (options.bootsApplication) queueMicrotask(() => this.#send(Buffer.from(BOOT_LOG, 'latin1')));
  }

  get memory(): DeviceMemory {
    return this.flash.memory;
  }

  receive(bytes: Uint8Array): void {
    if (!this.#options.bootsApplication) this.#reader.write(bytes);
  }

  reboot(): void {
    this.#stub = false;
    this.#writing = undefined;
    this.#reading = undefined;
    this.#reader.reset();
    this.#send(
      Buffer.from(
        '\r\nrst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n',
        'latin1',
      ),
    );
  }

  swap(): void {
    this.#mac = this.#mac.map((byte, index) => (index === 5 ? (byte + 1) & 0xff : byte));
  }

  powerOff(): void {}

  #take(frame: Buffer): void {
    if (this.#reading !== undefined && frame.length === 4) {
      this.#acknowledge(frame.readUInt32LE(0));
      return;
    }
    if (frame.length < 8 || frame[0] !== 0x00) return;
    const op = frame[1] ?? 0;
    const data = frame.subarray(8);
    if (data.length !== frame.readUInt16LE(2)) return;
    if (this.#options.secureDownloadMode && !SECURE_DOWNLOAD_OPS.includes(op)) {
      this.#reply(op, 0, Buffer.alloc(0), ERROR.badMessage);
      return;
    }
    this.#run(op, data, frame.readUInt32LE(4));
  }

  #run(op: number, data: Buffer, checksum: number): void {
    switch (op) {
      case OP.sync:
        for (let count = 0; count < 8; count++) this.#reply(op, this.#stub ? 0 : ROM_SYNC_VALUE);
        return;
      case OP.readReg:
        this.#reply(op, this.#register(data.readUInt32LE(0)));
        return;
      case OP.memEnd:
        this.#reply(op, 0);
        this.#stub = true;
        this.#send(slipFrame(Buffer.from('OHAI', 'latin1')));
        return;
      case OP.memData:
        this.#reply(op, 0, Buffer.alloc(0), checksumOf(data.subarray(16)) === checksum ? 0 : ERROR.checksum);
        return;
      case OP.flashBegin:
      case OP.deflBegin:
        this.#beginWrite(op, data);
        return;
      case OP.flashData:
      case OP.deflData:
        this.#writeBlock(op, data, checksum);
        return;
      case OP.flashEnd:
      case OP.deflEnd:
        this.#reply(op, 0, Buffer.alloc(0), this.#endWrite());
        return;
      case OP.md5:
        this.#tellMd5(op, data);
        return;
      case OP.securityInfo:
        this.#tellSecurity(op);
        return;
      case OP.readFlash:
        if (this.#stub) this.#beginRead(op, data);
        else this.#reply(op, 0, Buffer.alloc(0), ERROR.badMessage);
        return;
      case OP.memBegin:
      case OP.writeReg:
      case OP.spiAttach:
      case OP.spiParams:
      case OP.changeBaud:
        this.#reply(op, 0);
        return;
      default:
        this.#reply(op, 0, Buffer.alloc(0), ERROR.badMessage);
    }
  }

  #register(address: number): number {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = this.#mac;
    const low = ((c << 24) | (d << 16) | (e << 8) | f) >>> 0;
    const high = (a << 8) | b;
    const cryptCount = this.#options.flashEncryption ? 1 : 0;
    const registers: Readonly<Record<number, number>> =
      this.#options.model === 'ESP32'
        ? { [MAGIC_REGISTER]: 0x00f0_1d83, 1073061888: cryptCount << 20, 1073061892: low, 1073061896: high }
        : { [MAGIC_REGISTER]: 0x1b31_506f, 1610647620: low, 1610647624: high };
    return registers[address] ?? 0;
  }

  #beginWrite(op: number, data: Buffer): void {
    const compressed = op === OP.deflBegin;
    // Old ROMs know only the form without the encryption word.
    if (!this.#stub && this.#options.model === 'ESP32' && data.length > 16) {
      this.#reply(op, 0, Buffer.alloc(0), ERROR.badMessage);
      return;
    }
    const sizeBytes = data.readUInt32LE(0);
    const address = data.readUInt32LE(12);
    this.flash.erase(address, sizeBytes);
    this.#writing = { address, sizeBytes, blocks: [] };
    this.#reply(op, 0, Buffer.alloc(0), compressed || sizeBytes > 0 ? 0 : ERROR.badMessage);
  }

  #writeBlock(op: number, data: Buffer, checksum: number): void {
    this.#writes += 1;
    const content = data.subarray(16, 16 + data.readUInt32LE(0));
    const damaged = this.#options.failingWrites.includes(this.#writes);
    if (this.#writing === undefined || damaged || checksumOf(content) !== checksum) {
      this.#reply(op, 0, Buffer.alloc(0), damaged ? ERROR.checksum : ERROR.badMessage);
      return;
    }
    this.#writing.blocks.push(Buffer.from(content));
    const error = this.#commit(op === OP.deflData);
    this.#reply(op, 0, Buffer.alloc(0), error);
  }

  /** Writes what has come so far; compressed data only once it is whole. */
  #commit(compressed: boolean): number {
    const writing = this.#writing;
    if (writing === undefined) return ERROR.badMessage;
    const received = Buffer.concat(writing.blocks);
    if (!compressed) {
      this.flash.write(writing.address, received.subarray(0, writing.sizeBytes));
      return 0;
    }
    try {
      this.flash.write(writing.address, inflateSync(received).subarray(0, writing.sizeBytes));
      return 0;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      return code === 'Z_BUF_ERROR' ? 0 : ERROR.deflate;
    }
  }

  #endWrite(): number {
    const known = this.#writing !== undefined;
    this.#writing = undefined;
    return known ? 0 : ERROR.badMessage;
  }

  #tellMd5(op: number, data: Buffer): void {
    const digest = this.flash.md5(data.readUInt32LE(0), data.readUInt32LE(4));
    this.#reply(op, 0, this.#stub ? digest : Buffer.from(digest.toString('hex'), 'latin1'));
  }

  #tellSecurity(op: number): void {
    if (this.#options.model === 'ESP32' || this.#stub) {
      this.#reply(op, 0, Buffer.alloc(0), this.#stub ? 0xff : ERROR.badMessage);
      return;
    }
    const info = Buffer.alloc(20);
    info.writeUInt32LE(this.#options.secureDownloadMode ? 1 << 2 : 0, 0);
    info[4] = this.#options.flashEncryption ? 1 : 0;
    info.writeUInt32LE(5, 12);
    this.#reply(op, 0, info);
  }

  #beginRead(op: number, data: Buffer): void {
    const [address, sizeBytes, blockSize, window] = [0, 4, 8, 12].map((offset) => data.readUInt32LE(offset));
    const content = Buffer.from(this.flash.read(address ?? 0, sizeBytes ?? 0));
    this.#reply(op, 0);
    const digest = this.flash.md5(address ?? 0, sizeBytes ?? 0);
    const reading = { left: content, sent: 0, acknowledged: 0, window: window ?? 1, digest };
    this.#reading = reading;
    const block = blockSize ?? 0x1000;
    while (reading.left.length > 0) {
      this.#send(slipFrame(reading.left.subarray(0, block)));
      reading.sent += Math.min(block, reading.left.length);
      reading.left = reading.left.subarray(block);
    }
  }

  /** The stub ends a read with the MD5 of what it sent. */
  #acknowledge(count: number): void {
    const reading = this.#reading;
    if (reading === undefined || count < reading.sent) return;
    this.#reading = undefined;
    this.#send(slipFrame(reading.digest));
  }

  #reply(op: number, value: number, data: Uint8Array = Buffer.alloc(0), error = 0): void {
    const status = Buffer.alloc(this.#stub ? 2 : 4);
    if (error !== 0) status.set([1, error]);
    const head = Buffer.alloc(8);
    head.set([0x01, op]);
    head.writeUInt16LE(data.length + status.length, 2);
    head.writeUInt32LE(value >>> 0, 4);
    // The ROM answers a command it does not know eight times, and names no command.
    const unknown = error === ERROR.badMessage && !this.#stub;
    if (unknown) head[1] = 0;
    const times = unknown ? 8 : 1;
    const frame = slipFrame(Buffer.concat([head, data, status]));
    for (let count = 0; count < times; count++) this.#send(frame);
  }
}

const checksumOf = (data: Uint8Array): number => data.reduce((sum, byte) => sum ^ byte, CHECKSUM_SEED);
