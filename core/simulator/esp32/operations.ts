// The loader's commands and error codes (esptool's serial protocol).

export const OP = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeReg: 0x09,
  readReg: 0x0a,
  spiParams: 0x0b,
  spiAttach: 0x0d,
  changeBaud: 0x0f,
  deflBegin: 0x10,
  deflData: 0x11,
  deflEnd: 0x12,
  md5: 0x13,
  securityInfo: 0x14,
  readFlash: 0xd2,
} as const;

/** What is left in Secure Download Mode: no stub, no registers, no digest, no reading. */
export const SECURE_DOWNLOAD_OPS: readonly number[] = [
  OP.sync,
  OP.changeBaud,
  OP.spiAttach,
  OP.spiParams,
  OP.flashBegin,
  OP.flashData,
  OP.flashEnd,
  OP.securityInfo,
];
/** Second status byte. */
export const ERROR = { badMessage: 0x05, failed: 0x06, checksum: 0x07, deflate: 0x0b } as const;
