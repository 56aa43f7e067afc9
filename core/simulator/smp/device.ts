// A simulated Zephyr device with MCUmgr on its UART: the management protocol's echo, information and files, framed in
// base64 lines among the lines of its log.

import { createHash } from 'node:crypto';
import { filesMemory } from '../keptDevice.ts';
import type { LineDevice, Send } from '../lineDevice.ts';
import { type CborInput, cbor } from '../proof/cborWriter.ts';
import { type CborValue, readCborMap } from './cborReader.ts';

export interface SmpDeviceOptions {
  readonly node: string;
  /** What `hwinfo devid` prints where CONFIG_MCUMGR_GRP_SHELL lets it be asked; undefined: firmware without either. */
  readonly hardwareId: string | undefined;
  /** CONFIG_MCUMGR_GRP_FS_HASH_SHA256. */
  readonly hash: boolean;
  /** Errors with their group, as newer hosts ask for. */
  readonly version: 1 | 2;
  /** Packets longer than the network buffer are dropped without a word. */
  readonly bufferSizeBytes: number;
  readonly downloadPieceBytes: number;
  /** CONFIG_MCUMGR_GRP_OS_RESET_MS: it restarts so long after the answer; undefined: firmware without the command. */
  readonly resetMs: number | undefined;
  /** Log lines between the frames of an answer. */
  readonly chatty: boolean;
  /** The file system takes nothing more. */
  readonly full?: boolean;
}

export const defaultSmpDevice: SmpDeviceOptions = {
  node: 'zephyr-1',
  hardwareId: undefined,
  hash: true,
  version: 2,
  bufferSizeBytes: 384,
  downloadPieceBytes: 128,
  resetMs: 50,
  chatty: false,
};

type Request = { readonly [key: string]: CborValue };
type Answer = ReadonlyMap<string, CborInput>;

const FRAME_CHARACTERS = 124;
const HEADER_BYTES = 8;
const ERRORS = { unknown: 1, invalid: 3, notFound: 5, notSupported: 8 } as const;
const FILE_NOT_FOUND = 3;
const FILE_WRITE_FAILED = 10;
const FILE_EMPTY = 16;

export class SmpDevice implements LineDevice {
  readonly files = new Map<string, Buffer>();
  readonly memory = filesMemory(this.files);
  readonly #options: SmpDeviceOptions;
  readonly #send: Send;
  #node: string;
  #hardwareId: string | undefined;
  #line: number[] = [];
  #body = Buffer.alloc(0);
  #restart: NodeJS.Timeout | undefined;
  #upload: { name: string; sizeBytes: number; content: Buffer } | undefined;

  constructor(options: SmpDeviceOptions, send: Send) {
    this.#options = options;
    this.#node = options.node;
    this.#hardwareId = options.hardwareId;
    this.#send = send;
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === 0x0a) this.#takeLine(Buffer.from(this.#line.splice(0)));
      else if (this.#line.length < 256) this.#line.push(byte);
    }
  }

  reboot(): void {
    this.#line = [];
    this.#body = Buffer.alloc(0);
    this.#upload = undefined;
    this.#say('*** Booting Zephyr OS build v4.3.0 ***\r\n');
  }

  swap(): void {
    this.#node = `${this.#node}x`;
    if (this.#hardwareId !== undefined) this.#hardwareId = [...this.#hardwareId].reverse().join('');
    this.files.clear();
  }

  powerOff(): void {
    clearTimeout(this.#restart);
  }

  #takeLine(line: Buffer): void {
    const mark = line.length >= 2 ? line.readUInt16BE(0) : 0;
    if (mark !== 0x0609 && mark !== 0x0414) return;
    const body = Buffer.from(line.toString('latin1', 2), 'base64');
    this.#body = mark === 0x0609 ? body : Buffer.concat([this.#body, body]);
    if (this.#body.length < 2) return;
    const size = this.#body.readUInt16BE(0);
    if (this.#body.length < size + 2) return;
    const whole = this.#body;
    this.#body = Buffer.alloc(0);
    const packet = whole.subarray(2, size);
    // Cut short on the line, a frame may still match its checksum (that of nothing is 0): without a whole header it is none.
    if (packet.length < HEADER_BYTES || packet.length > this.#options.bufferSizeBytes) return;
    if (checksum(packet) !== whole.readUInt16BE(size)) return;
    this.#answer(packet);
  }

  #answer(packet: Buffer): void {
    const operation = (packet[0] ?? 0) & 0x07;
    const group = packet.readUInt16BE(4);
    const command = packet[7] ?? 0;
    const request = readCborMap(packet.subarray(HEADER_BYTES)) ?? {};
    const body = cbor(this.#run(group, command, operation === 2, request) as unknown as CborInput);
    const head = Buffer.alloc(HEADER_BYTES);
    head[0] = (operation + 1) | ((packet[0] ?? 0) & 0x18);
    head.writeUInt16BE(body.length, 2);
    head.writeUInt16BE(group, 4);
    head[6] = packet[6] ?? 0;
    head[7] = command;
    this.#frames(Buffer.concat([head, body]));
  }

  #run(group: number, command: number, write: boolean, request: Request): Answer {
    if (group === 0 && command === 0) return new Map([['r', String(request.d ?? '')]]);
    if (group === 0 && command === 7) {
      return new Map([['output', request.format === 'n' ? this.#node : 'Zephyr 4.3.0 nrf52840dk']]);
    }
    const { resetMs } = this.#options;
    if (group === 0 && command === 5 && resetMs !== undefined) {
      this.#restart = setTimeout(() => this.reboot(), resetMs);
      return new Map();
    }
    if (group === 9 && command === 0 && this.#hardwareId !== undefined) return this.#shell(request.argv);
    if (group !== 8 || typeof request.name !== 'string') return this.#error(group, ERRORS.notSupported);
    if (command === 0) return write ? this.#write(request.name, request) : this.#read(request.name, request);
    const content = this.files.get(request.name);
    if (command === 2 && !this.#options.hash) return this.#error(0, ERRORS.notSupported);
    if (content === undefined) return this.#missing();
    if (command === 1) return new Map([['len', content.length]]);
    if (command !== 2 || request.type !== 'sha256') return this.#error(group, ERRORS.invalid);
    if (content.length === 0) return this.#error(8, FILE_EMPTY);
    const output = createHash('sha256').update(content).digest();
    return new Map<string, CborInput>([
      ['type', 'sha256'],
      ['len', content.length],
      ['output', output],
    ]);
  }

  #shell(words: CborValue | undefined): Answer {
    const known = Array.isArray(words) && words.join(' ') === 'hwinfo devid';
    const id = this.#hardwareId ?? '';
    return new Map<string, CborInput>([
      ['o', known ? `Length: ${id.length / 2}\nID: 0x${id}\n` : 'command not found\n'],
      ['ret', known ? 0 : -8],
    ]);
  }

  #write(name: string, { off, data, len }: Request): Answer {
    if (typeof off !== 'number' || !(data instanceof Uint8Array)) return this.#error(0, ERRORS.invalid);
    if (this.#options.full === true) return this.#error(8, FILE_WRITE_FAILED);
    if (off === 0) this.#upload = { name, sizeBytes: Number(len ?? 0), content: Buffer.alloc(0) };
    const upload = this.#upload;
    if (upload?.name !== name) return this.#error(0, ERRORS.invalid);
    // A piece that does not continue where the file ends is not taken; the answer says where that is.
    if (off === upload.content.length) upload.content = Buffer.concat([upload.content, data]);
    this.files.set(name, upload.content);
    return new Map([['off', upload.content.length]]);
  }

  #read(name: string, { off }: Request): Answer {
    const content = this.files.get(name);
    if (content === undefined || typeof off !== 'number') return this.#missing();
    const data = content.subarray(off, off + this.#options.downloadPieceBytes);
    const entries: [string, CborInput][] = [
      ['off', off],
      ['data', data],
    ];
    if (off === 0) entries.push(['len', content.length]);
    return new Map(entries);
  }

  #missing(): Answer {
    return this.#options.version === 2 ? this.#error(8, FILE_NOT_FOUND) : this.#error(0, ERRORS.notFound);
  }

  #error(group: number, code: number): Answer {
    if (this.#options.version === 1 || group === 0) return new Map([['rc', code]]);
    return new Map<string, CborInput>([
      [
        'err',
        new Map([
          ['group', group],
          ['rc', code],
        ]),
      ],
    ]);
  }

  #frames(packet: Buffer): void {
    const whole = Buffer.alloc(packet.length + 4);
    whole.writeUInt16BE(packet.length + 2, 0);
    packet.copy(whole, 2);
    whole.writeUInt16BE(checksum(packet), packet.length + 2);
    const lines = whole.toString('base64').match(new RegExp(`.{1,${FRAME_CHARACTERS}}`, 'g')) ?? [];
    lines.forEach((line, index) => {
      if (this.#options.chatty) this.#say('[00:00:03.100,000] <inf> app: tick\r\n');
      this.#say(`${index === 0 ? '\x06\x09' : '\x04\x14'}${line}\n`);
    });
  }

  #say(text: string): void {
    this.#send(Buffer.from(text, 'latin1'));
  }
}

/** CRC-16/XMODEM, by table of bits so as to differ from the host's. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    let next = ((crc >> 8) ^ byte) & 0xff;
    next ^= next >> 4;
    crc = ((crc << 8) ^ (next << 12) ^ (next << 5) ^ next) & 0xffff;
  }
  return crc;
}
