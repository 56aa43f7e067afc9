// Where the process's file stands when it is run from source. A bundled host passes its own path in place of this.

import { fileURLToPath } from 'node:url';

export const simulatorEntryPath = fileURLToPath(new URL('./process.ts', import.meta.url));
