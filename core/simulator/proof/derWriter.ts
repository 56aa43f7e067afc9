// The DER (X.690) that a simulated device writes when it makes a certification request.

const element = (tag: number, content: Uint8Array): Buffer => {
  const length = content.length;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...head]), content]);
};

export const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, Buffer.concat(parts));
export const integer = (value: number): Buffer => element(0x02, Uint8Array.of(value));
export const objectId = (contentHex: string): Buffer => element(0x06, Buffer.from(contentHex, 'hex'));
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
export const octetString = (content: Uint8Array): Buffer => element(0x04, content);
export const bitString = (content: Uint8Array): Buffer =>
  element(0x03, Buffer.concat([Uint8Array.of(0), content]));
export const context = (number: number, content: Uint8Array): Buffer => element(0xa0 | number, content);
export const nothing = (): Buffer => element(0x05, new Uint8Array(0));
