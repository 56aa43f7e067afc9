// What a new issuing CA is for, as it is entered.

import { isMatterId } from '../core/contract/matter.ts';
import type { Matter } from '../core/contract/schemas/authority.ts';

export interface PurposeDraft {
  readonly kind: 'devices' | 'matter';
  readonly vendorId: string;
  readonly productId: string;
}

export const FOR_DEVICES: PurposeDraft = { kind: 'devices', vendorId: '', productId: '' };

export const isPurpose = ({ kind, vendorId, productId }: PurposeDraft): boolean =>
  kind === 'devices' || (isMatterId(vendorId) && (productId === '' || isMatterId(productId)));

export const purposeOf = ({ kind, vendorId, productId }: PurposeDraft): { matter?: Matter } =>
  kind === 'devices' ? {} : { matter: { vendorId, ...(productId === '' ? {} : { productId }) } };
