// What ends a command on the line, as targets name it.

import { z } from 'zod';

const TERMINATORS = { cr: '\r', lf: '\n', crlf: '\r\n' } as const;

/** Reads the name, gives the characters. */
export const terminatorSchema = z.enum(['cr', 'lf', 'crlf']).transform((name): string => TERMINATORS[name]);
