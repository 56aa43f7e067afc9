// What an order must know of its target, read from the parts of the target that its driver understands.

import type { OrderTarget } from '../domain/orderRules.ts';
import type { Target } from '../domain/target.ts';
import { targetStrength } from '../host/targetStrength.ts';
import { type FilesOptions, parseFilesOptions } from '../link/files/options.ts';
import { sealOf } from '../link/seal/sealing.ts';

/** The files that such a target writes, each private key among them; undefined for a target with a port. */
export const fileFormatsOf = (target: Target): FilesOptions['formats'] | undefined =>
  target.driver === 'files' ? parseFilesOptions(target).formats : undefined;

export const orderTarget = (target: Target): OrderTarget => ({
  name: target.name,
  custody: targetStrength(target).custody,
  sealWarning: sealOf(target)?.warning,
  fileFormats: fileFormatsOf(target),
});
