// keyline: the station without a window. Each command is one file in commands/.

import { createProgram } from './program.ts';

await createProgram().parseAsync(process.argv);
