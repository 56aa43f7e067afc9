// As much of MQTT as it takes to be let in by a broker or refused.

import type { Socket } from 'node:net';

/** MQTT 3.1.1 CONNECT with optional name and password. */
export function connectPacket(username?: string, secret?: string): Buffer {
  const text = (value: string): Buffer => {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(Buffer.byteLength(value));
    return Buffer.concat([size, Buffer.from(value)]);
  };
  const flags = 0x02 | (username === undefined ? 0 : 0x80) | (secret === undefined ? 0 : 0x40);
  const rest = Buffer.concat([
    text('MQTT'),
    Buffer.of(4, flags, 0, 30),
    text('test'),
    ...(username === undefined ? [] : [text(username)]),
    ...(secret === undefined ? [] : [text(secret)]),
  ]);
  return Buffer.concat([Buffer.of(0x10, rest.length), rest]);
}

/** The return code of CONNACK; undefined when the server hung up instead. */
export function answerTo(socket: Socket, packet: Buffer, ready: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    socket.once(ready, () => socket.write(packet));
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes[0] === 0x20 ? bytes[3] : undefined);
      socket.destroy();
    });
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
  });
}
