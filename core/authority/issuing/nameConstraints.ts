// Name constraints of an issuing CA (RFC 5280 4.2.1.10), held against the names of a certificate before it is signed: every
// server would turn a certificate outside them away. Host names, URIs' hosts, addresses, e-mail and directory names.

import { OID } from '../../der/oids.ts';
import { childrenOf, type DerElement, readElement } from '../../der/reader.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { extensionOf, readCertificate, readToBeSigned } from '../x509/certificate.ts';
import { nameForDisplay } from '../x509/name.ts';
import { type AltName, generalName } from '../x509/subjectAltName.ts';

const NAME = { email: 0x81, dns: 0x82, directory: 0xa4, uri: 0x86, ip: 0x87 } as const;
const PERMITTED = 0xa0;
const EXCLUDED = 0xa1;

interface Name {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Throws `name_value_invalid` for a name that the CA may not sign. */
export function checkNameConstraints(toBeSigned: Uint8Array, caDer: Uint8Array): void {
  const isPermitted = permissionOf(caDer);
  for (const name of namesOf(toBeSigned)) {
    if (!isPermitted(name)) {
      throw new StationError('name_value_invalid', {
        value: quoteForDisplay(displayOf(name)),
        meaning: 'outside-name-constraints',
      });
    }
  }
}

/** Those of `names` that the CA may sign. */
export function permittedNames(names: readonly AltName[], caDer: Uint8Array): readonly AltName[] {
  const isPermitted = permissionOf(caDer);
  return names.filter((name) => isPermitted(readElement(generalName(name))));
}

function permissionOf(caDer: Uint8Array): (name: Name) => boolean {
  const constraints = extensionOf(readCertificate(caDer), OID.nameConstraints);
  if (constraints === undefined) return () => true;
  const lists = childrenOf(readElement(constraints.value));
  const permitted = basesOf(lists.find((one) => one.tag === PERMITTED));
  const excluded = basesOf(lists.find((one) => one.tag === EXCLUDED));
  return (name) => {
    const sameKind = permitted.filter((base) => base.tag === name.tag);
    const outside = sameKind.length > 0 && !sameKind.some((base) => within(name, base));
    return !outside && !excluded.some((base) => base.tag === name.tag && within(name, base));
  };
}

function displayOf({ tag, content }: Name): string {
  if (tag === NAME.directory) return nameForDisplay(content);
  if (tag === NAME.ip) return `IP ${Buffer.from(content).toString('hex')}`;
  return Buffer.from(content).toString('latin1');
}

/** The bases of a list of subtrees; minimum and maximum are not used (RFC 5280 4.2.1.10). */
const basesOf = (list: DerElement | undefined): readonly Name[] =>
  list === undefined ? [] : childrenOf(list).flatMap((subtree) => childrenOf(subtree).slice(0, 1));

function namesOf(toBeSigned: Uint8Array): readonly Name[] {
  const certificate = readToBeSigned(toBeSigned);
  const alternative = extensionOf(certificate, OID.subjectAltName);
  return [
    { tag: NAME.directory, content: certificate.subjectDer },
    ...(alternative === undefined ? [] : childrenOf(readElement(alternative.value))),
  ];
}

function within(name: Name, base: Name): boolean {
  const text = (one: Name): string => Buffer.from(one.content).toString('latin1').toLowerCase();
  switch (name.tag) {
    case NAME.dns:
      return hostWithin(text(name), text(base));
    case NAME.uri: {
      const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^:/?#]+)/.exec(text(name))?.[1];
      // A URI without a host is outside every constraint.
      if (host === undefined) return false;
      return text(base).startsWith('.') ? host.endsWith(text(base)) : host === text(base);
    }
    case NAME.email:
      return text(base).includes('@')
        ? text(name) === text(base)
        : hostWithin(text(name).split('@')[1] ?? '', text(base));
    case NAME.ip: {
      const size = name.content.length;
      return (
        base.content.length === 2 * size &&
        name.content.every((octet, i) => {
          const mask = base.content[size + i] ?? 0;
          return (octet & mask) === ((base.content[i] ?? 0) & mask);
        })
      );
    }
    case NAME.directory: {
      const wanted = childrenOf(readElementOf(base));
      const found = childrenOf(readElement(name.content));
      return wanted.every((one, i) => Buffer.compare(one.raw, found[i]?.raw ?? new Uint8Array()) === 0);
    }
    default:
      return false;
  }
}

/** [4] is explicit: a Name is a CHOICE. */
const readElementOf = (base: Name): DerElement => readElement(base.content);

const hostWithin = (host: string, base: string): boolean =>
  base === '' || host === base || host.endsWith(base.startsWith('.') ? base : `.${base}`);
