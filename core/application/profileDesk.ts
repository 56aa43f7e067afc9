// What each profile's certificates hold, who signs them and what they cost a device, worked out from a certificate that is
// prepared and never signed.

import { STAND_IN_VALUES } from '../authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { profileSizes } from '../authority/lint/sizes.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { ProfilePage } from '../contract/schemas/authority.ts';
import { failureOf } from '../contract/schemas/common.ts';
import type { KeyAlgorithm, Profile } from '../domain/profile.ts';
import type { House } from './house.ts';
import { houseOf, type World } from './world.ts';

type Part = Pick<StationMethods, 'authority.profiles'>;
type Signing = Pick<House, 'authority' | 'facts'>;

const altNamesOf = ({ subjectAltName: names }: Profile): readonly string[] => [
  ...names.uris.map((uri) => `URI ${uri}`),
  ...names.dnsNames.map((name) => `DNS ${name}`),
  ...names.ipAddresses.map((address) => `IP ${address}`),
  ...(names.hardwareModule === undefined
    ? []
    : [`hardwareModuleName ${names.hardwareModule.type} ${names.hardwareModule.serial}`]),
];

/** Of a public key only its length matters here, and RSA keys take their time. */
type SampleKeys = Map<KeyAlgorithm, Uint8Array>;

/** A page for each profile, as the CA that signs it would have it. */
export function profilePages(
  house: Signing,
  profiles: Iterable<Profile>,
  sampleKeys: SampleKeys = new Map(),
): readonly ProfilePage[] {
  const sampleKey = (algorithm: KeyAlgorithm): Uint8Array => {
    const known = sampleKeys.get(algorithm);
    if (known !== undefined) return known;
    const { publicKeySpki, privateKeyPkcs8 } = new StationKeyMaker().generate(algorithm);
    privateKeyPkcs8.wipe();
    sampleKeys.set(algorithm, publicKeySpki);
    return publicKeySpki;
  };

  function sizesOf({ authority, facts }: Signing, profile: Profile): ProfilePage['sizes'] {
    const { rootDer, issuingDer } = authority.forProfile(profile.name);
    const prepared = authority.prepare(
      {
        profile,
        certificateSerial: authority.reserveCertificateSerial(),
        publicKeySpki: sampleKey(profile.keyAlgorithm),
        values: { ...STAND_IN_VALUES, site: facts.site },
      },
      undefined,
    );
    const { warnings: _, ...sizes } = profileSizes(profile.keyAlgorithm, {
      leafBytes: prepared.maxCertificateSizeBytes,
      issuingBytes: issuingDer.length,
      rootBytes: rootDer.length,
    });
    return sizes;
  }

  function page(profile: Profile): ProfilePage {
    const { name, version, description, subject, keyAlgorithm, keyCustody, validity } = profile;
    const label = house.authority.assignment.profiles[name] ?? house.authority.assignment.active;
    const facts: ProfilePage = {
      ...{ name, version, description, keyAlgorithm, keyCustody },
      keyUsage: [...profile.keyUsage],
      extendedKeyUsage: [...profile.extendedKeyUsage],
      subject: subject.map(({ attribute, value }) => `${attribute}=${value}`.slice(0, 200)),
      subjectAltName: altNamesOf(profile).map((text) => text.slice(0, 200)),
      validityDays: 'days' in validity ? validity.days : undefined,
      signedBy: {
        label,
        subject: describeCertificate(house.authority.forProfile(name).issuingDer).subject.slice(0, 600),
      },
    };
    try {
      return { ...facts, sizes: sizesOf(house, profile) };
    } catch (thrown) {
      return { ...facts, problem: failureOf(thrown) };
    }
  }

  return [...profiles].map(page);
}

export function createProfileDesk(world: World): Part {
  const sampleKeys: SampleKeys = new Map();
  return {
    'authority.profiles': () => [...profilePages(houseOf(world), world.profiles.values(), sampleKeys)],
  };
}
