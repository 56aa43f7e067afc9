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
  /**
   * Another value after every plugging in, also under the same path and however quickly: see attachment.ts. Undefined where
   * the system cannot tell.
   */
  readonly attachment?: string | undefined;
  /** `usbSerialNumber` names the socket and not what is in it: only `attachment` tells two devices apart. */
  readonly numberIsOfSocket?: boolean;
}

export type PortLister = () => Promise<readonly PortInfo[]>;
