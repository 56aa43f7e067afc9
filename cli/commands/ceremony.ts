// keyline ceremony: the offline root, step by step over two data folders.

import { Command } from 'commander';
import { sha256Hex } from '../../core/der/fingerprint.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { installChain, makeRoot, requestCa, signRequest } from '../../core/host/ceremonies.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import type { CommandContext } from '../context.ts';
import { certificateRecord, recordText } from '../output/ceremonyRecord.ts';
import { addCrl } from './ceremonyCrl.ts';
import { ceremonyWith } from './ceremonyWith.ts';
import { readInput } from './files.ts';
import { action } from './shared.ts';

const EXAMPLES = `
Examples: the offline root, over two machines and a stick (docs/authority.md has the whole script):
  root machine  $ keyline --data /root-ca ceremony root --site "Plant 7" --record /stick
  station       $ keyline ceremony request --site "Plant 7" --out /stick
  root machine  $ keyline --data /root-ca ceremony sign /stick/issuing.csr.pem --out /stick
  station       $ keyline ceremony install /stick/issuing.chain.pem --record /stick
  root machine  $ keyline --data /root-ca ceremony crl --days 400 --out /stick
  station       $ keyline ceremony crl --install /stick/root.crl.pem

An issuing CA whose key is out (keyline authority revoke-issuing wrote its certificate to the stick):
  root machine  $ keyline --data /root-ca ceremony crl --revoke /stick/issuing-1.pem --reason keyCompromise --yes --out /stick

A key on a PKCS#11 token (SoftHSM2, a smart card, an HSM); the passphrase is its PIN:
  station       $ keyline ceremony request --site "Plant 7" --pkcs11 /usr/lib/softhsm/libsofthsm2.so:0 --key-label issuing --make-key --out /stick
`;

export const ceremonyOf = ({ folder, operatorName }: CommandContext) => ({
  folder,
  operatorName,
  clock: systemClock,
  random: systemRandom,
});

export interface MatterOptions {
  readonly matterVendor?: string;
  readonly matterProduct?: string;
}

/** What makes a root a PAA and an issuing CA a PAI. */
export function matterOf({ matterVendor: vendorId, matterProduct: productId }: MatterOptions) {
  if (vendorId !== undefined) return { vendorId, productId };
  if (productId === undefined) return undefined;
  throw new StationError('usage', { reason: '--matter-product needs --matter-vendor' });
}

export const ceremonyCommand = (): Command => {
  const ceremony = new Command('ceremony').description(
    'make a root and issuing CAs; the root may stay offline',
  );
  ceremony.addHelpText('after', EXAMPLES);
  addRoot(ceremony);
  addRequest(ceremony);
  addSign(ceremony);
  addInstall(ceremony);
  addCrl(ceremony);
  return ceremony;
};

function addRoot(ceremony: Command): void {
  ceremony
    .command('root')
    .description('root machine: make the root’s key and certificate')
    .requiredOption('--site <name>', 'the site’s name; it stands in the root’s name')
    .option('--matter-vendor <id>', 'make it a Matter PAA for this vendor only: four hexadecimal digits')
    .option('--record <folder>', 'write the record to sign on paper there')
    .action(
      action(async (context, options: MatterOptions & { site: string; record?: string }) => {
        const passphrase = await context.newPassphrase();
        return ceremonyWith(context, passphrase, async () => {
          const matter = matterOf(options);
          const root = await context.output.during('Making the root’s key and certificate', () =>
            makeRoot({ ...ceremonyOf(context), passphrase }, options.site, matter),
          );
          const record = certificateRecord('Root CA made', root, context.operatorName);
          tell(context, 'root-made', record, root, options.record);
        });
      }),
    );
}

interface RequestOptions extends MatterOptions {
  readonly site: string;
  readonly name: string;
  readonly commonName?: string;
  readonly out: string;
  readonly pkcs11?: string;
  readonly keyLabel: string;
  readonly makeKey?: boolean;
}

function addRequest(ceremony: Command): void {
  ceremony
    .command('request')
    .description('station: make the key of an issuing CA and the request to carry to the root')
    .requiredOption('--site <name>', 'the site’s name')
    .option('--name <name>', 'this station’s name, where it is new', 'station-1')
    .option('--common-name <text>', 'the issuing CA’s name (default: “SITE Issuing CA N”)')
    .requiredOption('--out <folder>', 'where the request goes: the stick')
    .option('--pkcs11 <module:slot>', 'keep the key on this PKCS#11 token')
    .option('--key-label <label>', 'the key’s label on the token', 'keyline-issuing')
    .option('--make-key', 'make that key on the token first')
    .option('--matter-vendor <id>', 'ask for a Matter PAI of this vendor: four hexadecimal digits')
    .option('--matter-product <id>', 'and of this product only')
    .action(
      action(async (context, options: RequestOptions) => {
        const token = options.pkcs11 === undefined ? undefined : parseToken(options.pkcs11, options);
        const passphrase = await context.newPassphrase();
        return ceremonyWith(context, passphrase, async () => {
          const matter = matterOf(options);
          const { label, requestPem } = await context.output.during(
            'Making the issuing CA’s key and request',
            () =>
              requestCa(
                { ...ceremonyOf(context), passphrase },
                {
                  ...{ site: options.site, stationName: options.name, commonName: options.commonName, token },
                  matter,
                },
              ),
          );
          const bytes = Buffer.from(requestPem);
          const [file = ''] = writeFiles(options.out, [{ fileName: 'issuing.csr.pem', bytes }]);
          const sha256 = sha256Hex(bytes);
          context.output.result(
            'issuing-ca-requested',
            { label, file, sha256 },
            `${context.output.paint('green', '✔')} Request for issuing CA ${label}: ${file}\n  SHA-256 of the file ${sha256}\n  Compare it on the root machine before signing.`,
          );
        });
      }),
    );
}

function parseToken(text: string, options: RequestOptions) {
  const found = /^(.+):(\d{1,10})$/.exec(text);
  if (found === null) throw new StationError('usage', { reason: '--pkcs11 takes module:slot' });
  return {
    module: found[1] ?? '',
    slot: Number(found[2]),
    keyLabel: options.keyLabel,
    makeKey: options.makeKey === true,
  };
}

function addSign(ceremony: Command): void {
  ceremony
    .command('sign')
    .description('root machine: sign an issuing CA’s request')
    .argument('<request>', 'the request from the stick')
    .requiredOption('--out <folder>', 'where the chain goes: the stick')
    .action(
      action(async (context, requestPath: string, options: { out: string }) => {
        const request = readInput(requestPath);
        const passphrase = await context.passphrase();
        return ceremonyWith(context, passphrase, async () => {
          context.output.say(`SHA-256 of the request  ${sha256Hex(request)}`);
          const signed = await context.output.during('Signing', () =>
            signRequest({ ...ceremonyOf(context), passphrase }, request),
          );
          const chain = Buffer.from(signed);
          const [file = ''] = writeFiles(options.out, [{ fileName: 'issuing.chain.pem', bytes: chain }]);
          const facts = { file, sha256: sha256Hex(chain), requestSha256: sha256Hex(request) };
          context.output.result(
            'issuing-ca-signed',
            facts,
            `${context.output.paint('green', '✔')} Signed: ${file}\n  SHA-256 of the file ${facts.sha256}`,
          );
        });
      }),
    );
}

function addInstall(ceremony: Command): void {
  ceremony
    .command('install')
    .description('station: install the chain that came back')
    .argument('<chain>', 'the chain from the stick')
    .option('--ca <label>', 'the issuing CA that it is for, as the request said', '1')
    .option('--record <folder>', 'write the record to sign on paper there')
    .action(
      action(async (context, chainPath: string, options: { ca: string; record?: string }) => {
        const chain = readInput(chainPath);
        const passphrase = await context.passphrase();
        return ceremonyWith(context, passphrase, async () => {
          const made = await context.output.during('Checking and installing the chain', () =>
            installChain({ ...ceremonyOf(context), passphrase }, options.ca, chain),
          );
          const record = [
            ...certificateRecord('Issuing CA installed', made.issuing, context.operatorName),
            ...certificateRecord('under this root', made.root, undefined),
          ];
          tell(context, 'issuing-ca-installed', record, made, options.record);
        });
      }),
    );
}

function tell(
  context: CommandContext,
  kind: string,
  record: readonly string[],
  facts: object,
  folder?: string,
): void {
  const text = recordText(record);
  const files =
    folder === undefined ? [] : writeFiles(folder, [{ fileName: `${kind}.txt`, bytes: Buffer.from(text) }]);
  context.output.result(
    kind,
    { ...facts, record: files[0] },
    files[0] === undefined ? text : `${text}\nRecord: ${files[0]}`,
  );
}
