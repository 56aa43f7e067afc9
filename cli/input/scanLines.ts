// Device serials as they are scanned: a scanner types a line. Each line goes to the bay that has waited longest, and the
// operator is told which one that is before the scan. A line that is no device serial goes to nobody: the same bay is
// asked for again.

import { createInterface } from 'node:readline';

export interface ScanLines<Scan> {
  /** The next scan for this bay; undefined when the input ended or the signal aborted. */
  next(bayName: string, signal: AbortSignal): Promise<Scan | undefined>;
  close(): void;
}

export interface ScanReader<Scan> {
  readonly ask: (bayName: string) => void;
  /** Throws for a line that is no scan. */
  readonly parse: (line: string) => Scan;
  readonly refuse: (thrown: unknown) => void;
}

interface Waiting<Scan> {
  readonly bayName: string;
  give(scan: Scan | undefined): void;
}

export function createScanLines<Scan>(
  input: NodeJS.ReadableStream,
  reader: ScanReader<Scan>,
): ScanLines<Scan> {
  const scans: Scan[] = [];
  const waiting: Waiting<Scan>[] = [];
  let ended = false;
  const lines = createInterface({ input, terminal: false });

  const askNext = (): void => {
    const first = waiting[0];
    if (first !== undefined) reader.ask(first.bayName);
  };
  const serve = (): void => {
    while (waiting.length > 0 && (scans.length > 0 || ended)) waiting.shift()?.give(scans.shift());
  };
  lines.on('line', (line) => {
    if (line === '') return;
    try {
      scans.push(reader.parse(line));
    } catch (thrown) {
      reader.refuse(thrown);
    }
    serve();
    askNext();
  });
  lines.on('close', () => {
    ended = true;
    serve();
  });
  return {
    next: (bayName, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        const entry: Waiting<Scan> = {
          bayName,
          give(scan) {
            signal.removeEventListener('abort', onAbort);
            resolve(scan);
          },
        };
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(undefined);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.push(entry);
        serve();
        if (waiting.length === 1 && waiting[0] === entry) askNext();
      }),
    close: () => lines.close(),
  };
}
