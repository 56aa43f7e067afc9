// keyline ceremony: the offline root, step by step over two data folders.

import { Command } from 'commander';
import { describeCertificate } from '../../core/authority/x509/describeCertificate.ts';
import { sha256Hex } from '../../core/der/fingerprint.ts';
import { pemBlocks } from '../../core/der/pem.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { installChain, requestCa, signRequest } from '../../core/host/ceremonies.ts';
import { writeFiles } from '../../core/host/outputFiles.ts';
import { certificateRecord } from '../output/ceremonyRecord.ts';
import { addCrl } from './ceremonyCrl.ts';
import { addRoot } from './ceremonyRoot.ts';
import { ceremonyOf, ceremonyWith, type MatterOptions, matterOf, tell } from './ceremonyWith.ts';
import { readInput } from './files.ts';
import { action } from './shared.ts';

const EXAMPLES = `
Examples: the offline root, over two machines and a stick (docs/authority.md has the whole script):
  root machine  $ keyline --data /root-ca ceremony root --site "Plant 7" --record /stick
  station       $ keyline ceremony request --site "Plant 7" --out /stick
  root machine  $ keyline --data /root-ca ceremony sign /stick/issuing.csr.pem --out /stick --record /stick
  station       $ keyline ceremony install /stick/issuing.chain.pem --record /stick
  root machine  $ keyline --data /root-ca ceremony crl --days 400 --out /stick
  station       $ keyline ceremony crl --install /stick/root.crl.pem

A root that exists already, in place of the first line (PKCS#12, or PEM with its key):
  root machine  $ keyline --data /root-ca ceremony root --import root.p12 --import-passphrase-fd 3 3<password.txt

An issuing CA whose key is out (keyline authority revoke-issuing wrote its certificate to the stick):
  root machine  $ keyline --data /root-ca ceremony crl --revoke /stick/issuing-1.pem --reason keyCompromise --yes --out /stick

A key on a PKCS#11 token (SoftHSM2, a smart card, an HSM); the passphrase is its PIN:
  station       $ keyline ceremony request --site "Plant 7" --pkcs11 /usr/lib/softhsm/libsofthsm2.so:0 --key-label issuing --make-key --out /stick
`;

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
    .option('--record <folder>', 'write the record to sign on paper there')
    .action(
      action(async (context, requestPath: string, options: { out: string; record?: string }) => {
        const request = readInput(requestPath);
        const passphrase = await context.passphrase();
        return ceremonyWith(context, passphrase, async () => {
          context.output.say(`SHA-256 of the request  ${sha256Hex(request)}`);
          const signed = await context.output.during('Signing', () =>
            signRequest({ ...ceremonyOf(context), passphrase }, request),
          );
          const chain = Buffer.from(signed);
          const [issuingDer = chain] = pemBlocks('CERTIFICATE', signed);
          const issuing = describeCertificate(issuingDer);
          const [file = ''] = writeFiles(options.out, [{ fileName: 'issuing.chain.pem', bytes: chain }]);
          const facts = { file, sha256: sha256Hex(chain), requestSha256: sha256Hex(request), issuing };
          const record = [
            ...certificateRecord('Issuing CA signed', issuing, context.operatorName),
            `  Chain          ${file}`,
            `  its SHA-256    ${facts.sha256}`,
          ];
          tell(context, 'issuing-ca-signed', record, facts, options.record);
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
