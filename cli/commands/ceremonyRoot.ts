// keyline ceremony root: the root's key and certificate, made on its machine or brought there.

import type { Command } from 'commander';
import { StationError } from '../../core/domain/stationError.ts';
import { bringRoot, makeRoot } from '../../core/host/ceremonies.ts';
import { importPassphrase } from '../input/passphrase.ts';
import { certificateRecord } from '../output/ceremonyRecord.ts';
import { ceremonyOf, ceremonyWith, type MatterOptions, matterOf, tell } from './ceremonyWith.ts';
import { readInput } from './files.ts';
import { action, wholeNumber } from './shared.ts';

interface RootOptions extends MatterOptions {
  readonly site?: string;
  readonly import?: readonly string[];
  readonly importPassphraseFd?: number;
  readonly record?: string;
}

export function addRoot(ceremony: Command): void {
  ceremony
    .command('root')
    .description('root machine: make the root’s key and certificate')
    .option('--site <name>', 'the site’s name; it stands in the root’s name')
    .option('--matter-vendor <id>', 'make it a Matter PAA for this vendor only: four hexadecimal digits')
    .option('--import <files...>', 'take this root instead of making one: PKCS#12, or PEM with its key')
    .option(
      '--import-passphrase-fd <number>',
      'read the passphrase of the files from this file descriptor',
      wholeNumber,
    )
    .option('--record <folder>', 'write the record to sign on paper there')
    .action(
      action(async (context, options: RootOptions) => {
        const { site, import: paths } = options;
        if ((site === undefined) === (paths === undefined))
          throw new StationError('usage', { reason: 'give either --site or --import' });
        const files = paths?.map(readInput);
        const filesPassphrase = importPassphrase(options.importPassphraseFd);
        const passphrase = await context.newPassphrase();
        return ceremonyWith(context, passphrase, async () => {
          const at = { ...ceremonyOf(context), passphrase };
          const matter = matterOf(options);
          const root = await context.output.during('Making the root’s key and certificate', () =>
            files === undefined ? makeRoot(at, site ?? '', matter) : bringRoot(at, files, filesPassphrase),
          );
          filesPassphrase?.wipe();
          const title = files === undefined ? 'Root CA made' : 'Root CA taken in';
          const record = certificateRecord(title, root, context.operatorName);
          tell(context, 'root-made', record, root, options.record);
        });
      }),
    );
}
