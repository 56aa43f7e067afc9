// What a kind of certificate contains and how long it lives. Profiles are JSON files; this schema is their definition.

import { z } from 'zod';
import { quoteForDisplay } from './device.ts';
import { issueWords } from './issueWords.ts';
import { StationError } from './stationError.ts';

/** RSA is for hardware that knows nothing else. */
export const KEY_ALGORITHMS = ['P-256', 'P-384', 'Ed25519', 'RSA-2048', 'RSA-3072'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

export const SUBJECT_ATTRIBUTES = [
  'C',
  'ST',
  'L',
  'O',
  'OU',
  'CN',
  'serialNumber',
  'dnQualifier',
  'DC',
  'matterVendorId',
  'matterProductId',
] as const;

export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
] as const;

export const EXTENDED_KEY_USAGES = ['clientAuth', 'serverAuth', 'ipsecIKE'] as const;

/** RFC 5280 4.1.2.5: the date that means "no well-defined expiration". */
export const NO_EXPIRY = '99991231235959Z';

/** What `{…}` in a pattern may name. */
export const PATTERN_FIELDS = ['deviceSerial', 'hardwareId', 'site', 'order', 'serverName'] as const;
export type PatternField = (typeof PATTERN_FIELDS)[number];
export type PatternValues = Readonly<Partial<Record<PatternField, string>>>;

const pattern = z
  .string()
  .min(1)
  .max(256)
  .superRefine((text, context) => {
    for (const [, field] of text.matchAll(/\{([^}]*)\}/g)) {
      if (!(PATTERN_FIELDS as readonly string[]).includes(field ?? '')) {
        context.addIssue({
          code: 'custom',
          message: `unknown field {${field}}; known: ${PATTERN_FIELDS.join(', ')}`,
        });
      }
    }
  });

export const profileSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63'),
    version: z.int().min(1),
    description: z.string().max(400),
    subject: z
      .array(z.strictObject({ attribute: z.enum(SUBJECT_ATTRIBUTES), value: pattern }))
      .min(1)
      .max(10),
    subjectAltName: z
      .strictObject({
        uris: z.array(pattern).max(8).default([]),
        dnsNames: z.array(pattern).max(16).default([]),
        ipAddresses: z.array(pattern).max(16).default([]),
        /** RFC 4108 5: what IEEE 802.1AR names a module by; `type` is an object identifier of the manufacturer's arc. */
        hardwareModule: z
          .strictObject({
            type: z.string().regex(/^[0-2](\.(0|[1-9][0-9]{0,17})){2,}$/, 'an object identifier'),
            serial: pattern,
          })
          .optional(),
      })
      .prefault({}),
    keyAlgorithm: z.enum(KEY_ALGORITHMS).default('P-256'),
    validity: z.union(
      [z.strictObject({ days: z.int().min(1).max(36_525) }), z.strictObject({ until: z.literal(NO_EXPIRY) })],
      { error: `either { "days": 1 to 36525 } or { "until": "${NO_EXPIRY}" }` },
    ),
    /** A device's clock may run behind; RFC 5280 says nothing against it. */
    backdateMinutes: z
      .int()
      .min(0)
      .max(60 * 24 * 7)
      .default(60),
    mayOutliveIssuer: z.boolean().default(false),
    keyUsage: z.array(z.enum(KEY_USAGES)).min(1),
    /** Empty: the extension is left out, which means any purpose. */
    extendedKeyUsage: z.array(z.enum(EXTENDED_KEY_USAGES)).default([]),
    /** `on-device`: refuse every target whose key would be made at the station. */
    keyCustody: z.enum(['any', 'on-device']).default('any'),
  })
  .superRefine((profile, context) => {
    const elliptic = profile.keyUsage.filter(
      (usage) => usage === 'keyEncipherment' || usage === 'dataEncipherment',
    );
    const isRsa = profile.keyAlgorithm.startsWith('RSA');
    if (isRsa && profile.keyUsage.includes('keyAgreement')) {
      // RFC 4055 1.2.
      context.addIssue({
        code: 'custom',
        path: ['keyUsage'],
        message: `keyAgreement cannot be used with a ${profile.keyAlgorithm} key`,
      });
    }
    if (elliptic.length > 0 && !isRsa) {
      // RFC 5480 3, RFC 8813 3 and RFC 8410 5.
      context.addIssue({
        code: 'custom',
        path: ['keyUsage'],
        message: `${elliptic.join(' and ')} cannot be used with a ${profile.keyAlgorithm} key; use digitalSignature`,
      });
    }
  });

export type Profile = Readonly<z.infer<typeof profileSchema>>;

/** Where and why an input does not fit its schema: `subject[0].value: unknown field {x}`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => {
      const path = issue.path
        .map((part, index) =>
          typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`,
        )
        .join('');
      const words = issueWords(issue);
      return path === '' ? words : `${path}: ${words}`;
    })
    .join('; ');
}

/** Reads a profile; `source` names the file in the error (`profile_invalid`). */
export function parseProfile(input: unknown, source: string): Profile {
  const result = profileSchema.safeParse(input);
  if (!result.success) {
    throw new StationError('profile_invalid', { source, reason: describeIssues(result.error) });
  }
  return result.data;
}

export interface CompiledPattern {
  /** The same for every device. */
  readonly isLiteral: boolean;
  /**
   * Fills the pattern in, each value as `encode` writes it. A field without a value is refused: half a name is worse than
   * none (`value_invalid`).
   */
  fill(values: PatternValues, encode?: (value: string) => string): string;
}

/** Takes a pattern apart, once for however many devices. */
export function compilePattern(text: string): CompiledPattern {
  // Fields stand at the odd places.
  const [head = '', ...rest] = text.split(/\{([^}]*)\}/);
  const parts = Array.from({ length: rest.length / 2 }, (_, index) => ({
    field: rest[2 * index] as PatternField,
    after: rest[2 * index + 1] ?? '',
  }));
  return {
    isLiteral: parts.length === 0,
    fill(values, encode) {
      let filled = head;
      for (const { field, after } of parts) {
        const value = values[field];
        if (value === undefined || value === '') {
          throw new StationError('value_invalid', {
            field,
            value: quoteForDisplay(value ?? ''),
            reason: 'missing',
            meaning: 'profile-value-missing',
          });
        }
        filled += (encode === undefined ? value : encode(value)) + after;
      }
      return filled;
    },
  };
}
