// keyline: the station without a window. Each command is one file in commands/. This one is plain JavaScript: Node would load
// its TypeScript compiler for it at every start, while all the others come from the cache with their types stripped.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Beside the code and as trusted as it: in a folder that everybody may write to, anybody could put code in its place. Where
// it cannot be written, every start takes a little longer.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'compile'));

// Whoever read the output went away (`keyline inventory list | head -1`): what was asked for is done all the same.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});

const { createProgram } = await import('./program.ts');
const program = await createProgram(process.argv.slice(2));
await program.parseAsync(process.argv);
