// The few functions of the PKCS#11 C interface (OASIS PKCS#11 2.40) that a signing key on a token needs, called through
// koffi. Nothing of X.509 is known here.

import { createRequire } from 'node:module';
import type koffiModule from 'koffi';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';

type Koffi = typeof koffiModule;
type Call = (...parameters: unknown[]) => number;

export const CKA = {
  class: 0x00,
  token: 0x01,
  private: 0x02,
  label: 0x03,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  sign: 0x108,
  verify: 0x10a,
  extractable: 0x162,
  ecParameters: 0x180,
  ecPoint: 0x181,
} as const;
export const CKO = { publicKey: 2, privateKey: 3 } as const;
const CKM = { ecKeyPairGeneration: 0x1040, ecdsa: 0x1041 } as const;
const CKK_EC = 3;
const CKF = { readWriteSession: 2, serialSession: 4 } as const;
const CKU_USER = 1;
/** Return values that an operator can do something about. */
const CKR = {
  pinIncorrect: 0xa0,
  pinLengthRange: 0xa2,
  pinLocked: 0xa4,
  slotInvalid: 0x03,
  tokenNotPresent: 0xe0,
  alreadyInitialized: 0x191,
  alreadyLoggedIn: 0x100,
} as const;

export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** CK_ULONG has the size of C's long: 8 octets on 64-bit Unix, 4 on Windows. */
const ULONG_SIZE = process.platform === 'win32' ? 4 : 8;
const LITTLE_ENDIAN_TRUE = Uint8Array.of(1);

export function ulong(value: number): Uint8Array {
  const bytes = Buffer.alloc(ULONG_SIZE);
  if (ULONG_SIZE === 8) bytes.writeBigUInt64LE(BigInt(value));
  else bytes.writeUInt32LE(value);
  return bytes;
}

/** Loads the addon on first use only: a station without tokens never needs it. */
function loadKoffi(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    throw new StationError('capability_missing', { what: 'PKCS#11' }, { cause });
  }
}

let types: { readonly koffi: Koffi } | undefined;
function koffiWithTypes(): Koffi {
  if (types !== undefined) return types.koffi;
  const koffi = loadKoffi();
  koffi.struct('CK_ATTRIBUTE', { type: 'ulong', pValue: 'void *', ulValueLen: 'ulong' });
  koffi.struct('CK_MECHANISM', { mechanism: 'ulong', pParameter: 'void *', ulParameterLen: 'ulong' });
  types = { koffi };
  return koffi;
}

const SIGNATURES = {
  C_Initialize: 'ulong C_Initialize(void *args)',
  C_Finalize: 'ulong C_Finalize(void *reserved)',
  C_OpenSession:
    'ulong C_OpenSession(ulong slot, ulong flags, void *application, void *notify, _Out_ ulong *session)',
  C_CloseSession: 'ulong C_CloseSession(ulong session)',
  C_Login: 'ulong C_Login(ulong session, ulong user, void *pin, ulong size)',
  C_Logout: 'ulong C_Logout(ulong session)',
  C_FindObjectsInit: 'ulong C_FindObjectsInit(ulong session, CK_ATTRIBUTE *template, ulong count)',
  C_FindObjects: 'ulong C_FindObjects(ulong session, _Out_ ulong *found, ulong max, _Out_ ulong *count)',
  C_FindObjectsFinal: 'ulong C_FindObjectsFinal(ulong session)',
  C_GetAttributeValue:
    'ulong C_GetAttributeValue(ulong session, ulong object, _Inout_ CK_ATTRIBUTE *template, ulong count)',
  C_SignInit: 'ulong C_SignInit(ulong session, CK_MECHANISM *mechanism, ulong key)',
  C_Sign:
    'ulong C_Sign(ulong session, void *data, ulong size, void *signature, _Inout_ ulong *signatureSize)',
  C_GenerateKeyPair:
    'ulong C_GenerateKeyPair(ulong session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *publicTemplate, ulong publicCount, CK_ATTRIBUTE *privateTemplate, ulong privateCount, _Out_ ulong *publicKey, _Out_ ulong *privateKey)',
} as const;

/** One session, logged in; `close` it. Throws `passphrase_wrong` for the PIN, `token_failed` with the function and its answer. */
export class TokenSession {
  readonly #calls: Readonly<Record<keyof typeof SIGNATURES, Call>>;
  readonly #session: number;
  /** A module that somebody else initialized is not ours to finalize. */
  readonly #ours: boolean;
  readonly #unload: () => void;

  constructor(modulePath: string, slot: number, pin: Secret) {
    const koffi = koffiWithTypes();
    const library = openLibrary(koffi, modulePath);
    this.#unload = () => library.unload();
    this.#calls = Object.fromEntries(
      Object.entries(SIGNATURES).map(([name, signature]) => [name, library.func(signature) as Call]),
    ) as Record<keyof typeof SIGNATURES, Call>;
    const initialized = this.#calls.C_Initialize(null);
    if (initialized !== CKR.alreadyInitialized) check('C_Initialize', initialized);
    this.#ours = initialized !== CKR.alreadyInitialized;
    const session = [0];
    try {
      const flags = CKF.serialSession | CKF.readWriteSession;
      check('C_OpenSession', this.#calls.C_OpenSession(slot, flags, null, null, session));
      this.#session = session[0] ?? 0;
      const loggedIn = pin.use((bytes) =>
        this.#calls.C_Login(
          this.#session,
          CKU_USER,
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
          bytes.length,
        ),
      );
      if (loggedIn !== CKR.alreadyLoggedIn) check('C_Login', loggedIn);
    } catch (error) {
      if (this.#ours) this.#calls.C_Finalize(null);
      this.#unload();
      throw error;
    }
  }

  /** The handles of the objects that have all `attributes`, at most ten. */
  find(attributes: readonly Attribute[]): readonly number[] {
    const template = toTemplate(attributes);
    check('C_FindObjectsInit', this.#calls.C_FindObjectsInit(this.#session, template, template.length));
    try {
      const found = Array.from({ length: 10 }, () => 0);
      const count = [0];
      check('C_FindObjects', this.#calls.C_FindObjects(this.#session, found, found.length, count));
      return found.slice(0, count[0]);
    } finally {
      this.#calls.C_FindObjectsFinal(this.#session);
    }
  }

  attribute(object: number, type: number): Uint8Array {
    const value = Buffer.alloc(4096);
    const template = [{ type, pValue: value, ulValueLen: value.length }];
    check('C_GetAttributeValue', this.#calls.C_GetAttributeValue(this.#session, object, template, 1));
    return new Uint8Array(value.subarray(0, Number(template[0]?.ulValueLen ?? 0)));
  }

  /** CKM_ECDSA over a digest: r and s, one after the other. */
  signDigest(key: number, digest: Uint8Array): Uint8Array {
    const mechanism = { mechanism: CKM.ecdsa, pParameter: null, ulParameterLen: 0 };
    check('C_SignInit', this.#calls.C_SignInit(this.#session, mechanism, key));
    const signature = Buffer.alloc(256);
    const size = [signature.length];
    check('C_Sign', this.#calls.C_Sign(this.#session, Buffer.from(digest), digest.length, signature, size));
    return new Uint8Array(signature.subarray(0, size[0]));
  }

  /** Makes an EC key pair on the token that can never be read out of it. */
  generateKeyPair(label: string, id: Uint8Array, ecParameters: Uint8Array): void {
    const named = [
      { type: CKA.label, value: Buffer.from(label, 'utf8') },
      { type: CKA.id, value: id },
      { type: CKA.token, value: LITTLE_ENDIAN_TRUE },
    ];
    const publicTemplate = toTemplate([
      ...named,
      { type: CKA.keyType, value: ulong(CKK_EC) },
      { type: CKA.ecParameters, value: ecParameters },
      { type: CKA.verify, value: LITTLE_ENDIAN_TRUE },
    ]);
    const privateTemplate = toTemplate([
      ...named,
      { type: CKA.keyType, value: ulong(CKK_EC) },
      { type: CKA.private, value: LITTLE_ENDIAN_TRUE },
      { type: CKA.sensitive, value: LITTLE_ENDIAN_TRUE },
      { type: CKA.extractable, value: Uint8Array.of(0) },
      { type: CKA.sign, value: LITTLE_ENDIAN_TRUE },
    ]);
    const mechanism = { mechanism: CKM.ecKeyPairGeneration, pParameter: null, ulParameterLen: 0 };
    check(
      'C_GenerateKeyPair',
      this.#calls.C_GenerateKeyPair(
        this.#session,
        mechanism,
        publicTemplate,
        publicTemplate.length,
        privateTemplate,
        privateTemplate.length,
        [0],
        [0],
      ),
    );
  }

  close(): void {
    this.#calls.C_Logout(this.#session);
    this.#calls.C_CloseSession(this.#session);
    if (this.#ours) this.#calls.C_Finalize(null);
    this.#unload();
  }
}

function openLibrary(koffi: Koffi, modulePath: string): ReturnType<Koffi['load']> {
  try {
    return koffi.load(modulePath);
  } catch (cause) {
    throw new StationError('token_failed', { reason: 'module-not-loaded', path: modulePath }, { cause });
  }
}

const toTemplate = (attributes: readonly Attribute[]): object[] =>
  attributes.map(({ type, value }) => ({ type, pValue: Buffer.from(value), ulValueLen: value.length }));

function check(name: string, answer: number): void {
  switch (answer) {
    case 0:
      return;
    case CKR.pinIncorrect:
    case CKR.pinLengthRange:
      throw new StationError('passphrase_wrong', { what: 'PIN' });
    default:
      throw new StationError('token_failed', { what: name, answer: `0x${answer.toString(16)}` });
  }
}
