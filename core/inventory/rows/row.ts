// Reads rows as the hostile input they are: a file may be damaged, or edited by hand.

import { z } from 'zod';
import { describeIssues } from '../../domain/profile.ts';
import type { Json } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';

/** A parser for one table's rows; what does not fit is `inventory_invalid` naming the table and the row. */
export function rowParser<Shape extends z.ZodType>(table: string, idColumn: string, schema: Shape) {
  return (row: unknown): z.output<Shape> => {
    const result = schema.safeParse(row);
    if (result.success) return result.data;
    const id = typeof row === 'object' && row !== null ? Reflect.get(row, idColumn) : undefined;
    throw new StationError('inventory_invalid', {
      table,
      id: String(id),
      reason: describeIssues(result.error),
    });
  };
}

/** SQL's NULL is `undefined` in the domain. */
export const nullable = <Shape extends z.ZodType>(schema: Shape) =>
  schema.nullable().transform((value) => (value === null ? undefined : value));

/** A text of a branded type whose form the schema of the database already checks. */
export const branded = <T extends string>() =>
  z
    .string()
    .min(1)
    .transform((text) => text as T);

/** A text that a parser of the domain must accept. */
export const parsedBy = <T>(parse: (input: unknown) => T) =>
  z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'not in its form' });
      return z.NEVER;
    }
  });

export const timeMs = z.int();

/** A plain copy: better-sqlite3 hands out Buffers. */
export const bytes = z.instanceof(Uint8Array).transform((value) => new Uint8Array(value));

/** JSON text that is read and then checked by `schema`. */
export const jsonText = <Shape extends z.ZodType>(schema: Shape) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

export const jsonObject = z.record(z.string(), z.json() as z.ZodType<Json>);

/** A number that an aggregate gave. */
export const readCount = (row: unknown): number => z.object({ count: z.int() }).parse(row).count;

/** A maximum over no rows is NULL. */
export const parseNewest = (row: unknown): number | undefined =>
  z.object({ newest: nullable(z.int()) }).parse(row).newest;
