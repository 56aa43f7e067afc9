// keyline audit verify: is the chain of security-relevant acts whole?

import { Command } from 'commander';
import { withRecords } from './opened.ts';
import { action, EXIT } from './shared.ts';

const EXAMPLES = '\nExamples:\n  $ keyline audit verify\n  $ keyline --json audit verify\n';

export const auditCommand = (): Command => {
  const audit = new Command('audit').description(
    'the append-only, hash-chained log of security-relevant acts',
  );
  audit.addHelpText('after', EXAMPLES);
  audit
    .command('verify')
    .description('recompute the hash chain from its beginning')
    .addHelpText('after', EXAMPLES)
    .action(
      action((context) =>
        withRecords(context, async ({ inventory }) => {
          const { output } = context;
          const verdict = await output.during('Recomputing the hash chain', () => inventory.verifyAudit());
          output.result(
            'audit',
            verdict,
            verdict.intact
              ? `${output.paint('green', '✔')} The audit log is intact: ${verdict.entries} entries.\n  Head ${verdict.head.hash}`
              : `${output.paint('red', '✘')} The audit log is broken at entry ${verdict.firstBrokenSequence}: ${verdict.why}.\n  Keep this data folder as it is, restore the last backup beside it and compare the two.`,
          );
          return verdict.intact ? EXIT.ok : EXIT.stationTrouble;
        }),
      ),
    );
  return audit;
};
