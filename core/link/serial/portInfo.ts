// What is known of a serial port before it is opened.

export interface PortInfo {
  readonly path: string;
  readonly usbSerialNumber: string | undefined;
  readonly manufacturer: string | undefined;
  readonly product: string | undefined;
  /** Four hex digits each. */
  readonly vendorId: string | undefined;
  readonly productId: string | undefined;
  /** Which USB socket; stays the same for whatever is plugged in there. */
  readonly location: string | undefined;
}

export type PortLister = () => Promise<readonly PortInfo[]>;
