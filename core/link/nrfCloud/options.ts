// What a target may say about a Zephyr device with Nordic's `nrf_cloud_cred` command: a credential shell's options without
// those of a key that is sent.

import { z } from 'zod';
import type { Target } from '../../domain/target.ts';
import { readOptions } from '../targetOptions.ts';
import { type ZephyrOptions, zephyrOptionsSchema } from '../zephyr/options.ts';

/** PSA_KEY_ID_USER_MAX: the firmware uses the security tag as the key's number. */
const LARGEST_TAG = 0x3fff_ffff;

export const nrfCloudOptionsSchema = zephyrOptionsSchema
  .omit({ privateKeyEncoding: true })
  .extend({ securityTag: z.int().min(1).max(LARGEST_TAG).default(16_842_753) });

/** Reads the driver's part of a target; the error names the field (`target_invalid`). */
export const parseNrfCloudOptions = (target: Target): ZephyrOptions => ({
  ...readOptions(nrfCloudOptionsSchema, target),
  privateKeyEncoding: 'pkcs8',
});
