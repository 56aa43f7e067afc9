import { createHash, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emqxLines,
  hivemqLines,
  htpasswdLines,
  mosquittoLines,
  rabbitmqLines,
  vernemqLines,
} from '../../../../core/authority/password/passwordExports.ts';
import { passwordVerifiers } from '../../../../core/authority/password/passwordHashes.ts';
import { newPassword } from '../../../../core/authority/password/passwordPolicy.ts';
import {
  checkPasswordPolicy,
  DEFAULT_PASSWORD_POLICY,
  entropyBits,
  MIN_ENTROPY_BITS,
  PASSWORD_ALPHABETS,
  type PasswordAlphabet,
  parseUsername,
} from '../../../../core/domain/password.ts';
import { Secret } from '../../../../core/domain/secret.ts';
import { systemRandom } from '../../../support/batchFixture.ts';

const textOf = (secret: Secret): string => secret.use((bytes) => Buffer.from(bytes).toString());

describe('a generated password', () => {
  it('has the length and the alphabet of its policy', () => {
    for (const alphabet of Object.keys(PASSWORD_ALPHABETS) as PasswordAlphabet[]) {
      const password = textOf(newPassword({ alphabet, length: 40 }, systemRandom));
      expect(password).toHaveLength(40);
      expect([...password].every((one) => PASSWORD_ALPHABETS[alphabet].includes(one))).toBe(true);
    }
  });

  it('prefers no character, whatever octets the generator gives', () => {
    // All octets in turn: after discarding the uneven rest each character must come equally often.
    let next = 0;
    const counting = { bytes: (size: number) => Uint8Array.from({ length: size }, () => next++ & 0xff) };
    const { length: size } = PASSWORD_ALPHABETS.unambiguous;
    const perCharacter = Math.floor(256 / size);
    const counts = new Map<string, number>();
    const password =
      textOf(newPassword({ alphabet: 'unambiguous', length: size * 2 }, counting)) +
      textOf(newPassword({ alphabet: 'unambiguous', length: size * 2 }, { bytes: (n) => counting.bytes(n) }));
    for (const one of password) counts.set(one, (counts.get(one) ?? 0) + 1);
    expect(perCharacter).toBeGreaterThanOrEqual(4);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(2);
    expect(counts.size).toBe(size);
  });

  it('does not print itself', () => {
    const password = newPassword(DEFAULT_PASSWORD_POLICY, systemRandom);
    expect(`${password}${JSON.stringify({ password })}`).not.toContain(textOf(password));
  });

  it('is refused where it could be guessed', () => {
    expect(entropyBits(DEFAULT_PASSWORD_POLICY)).toBeGreaterThan(100);
    expect(() => checkPasswordPolicy({ alphabet: 'digits', length: 21 })).toThrow(String(MIN_ENTROPY_BITS));
    expect(checkPasswordPolicy({ alphabet: 'digits', length: 22 }).length).toBe(22);
    expect(() => checkPasswordPolicy({ alphabet: 'hex', length: 129 })).toThrow('password length');
    expect(() => checkPasswordPolicy({ alphabet: 'hex', length: 20.5 })).toThrow('password length');
  });
});

describe('a username', () => {
  it.each(['', 'a:b', 'a#', 'a+', 'a/b', 'a\nb', 'ü', '-a', 'x'.repeat(65), '<b>'])(
    '%j is refused',
    (name) => {
      expect(() => parseUsername(name)).toThrow(expect.objectContaining({ code: 'value_invalid' }));
    },
  );
});

describe('verifiers', () => {
  const bcrypt = (password: string, cost: number): string => `$2b$0${cost}$${password.length}`;

  it('hold for the password and for no other', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,40}$/), (text) => {
        const verifiers = passwordVerifiers(Secret.fromText(text), systemRandom);
        const [, , rounds, salt, hash] = verifiers.mosquitto.split('$');
        expect(Buffer.from(salt ?? '', 'base64')).toHaveLength(12);
        expect(
          pbkdf2Sync(text, Buffer.from(salt ?? '', 'base64'), Number(rounds), 64, 'sha512').toString(
            'base64',
          ),
        ).toBe(hash);
        const rabbit = Buffer.from(verifiers.rabbitmq, 'base64');
        expect(createHash('sha256').update(rabbit.subarray(0, 4)).update(text).digest()).toEqual(
          rabbit.subarray(4),
        );
        expect(
          createHash('sha256')
            .update(text + verifiers.emqx.salt)
            .digest('hex'),
        ).toBe(verifiers.emqx.hash);
        const [, , vSalt = '', vHash] = verifiers.vernemq.split('$');
        expect(createHash('sha512').update(text).update(Buffer.from(vSalt, 'base64')).digest('base64')).toBe(
          vHash,
        );
        const [hSalt = '', hRounds, hHash] = verifiers.hivemq.split(':');
        expect(Buffer.from(hSalt, 'base64').toString()).toMatch(/^[0-9a-f]{32}$/);
        expect(
          pbkdf2Sync(text, Buffer.from(hSalt, 'base64'), Number(hRounds), 64, 'sha512').toString('base64'),
        ).toBe(hHash);
        // Shorter ones may stand in any hash by chance.
        if (text.length >= 8) expect(JSON.stringify(verifiers)).not.toContain(text);
      }),
      { numRuns: 30 },
    );
  });

  it('are salted: twice the same password looks different everywhere', () => {
    const [first, second] = [1, 2].map(() => passwordVerifiers(Secret.fromText('same'), systemRandom));
    for (const kind of ['mosquitto', 'vernemq', 'hivemq', 'rabbitmq'] as const)
      expect(first?.[kind]).not.toBe(second?.[kind]);
    expect(first?.emqx.hash).not.toBe(second?.emqx.hash);
  });

  it('are exported in the forms that brokers read', () => {
    const verifiers = passwordVerifiers(Secret.fromText('secret'), systemRandom, bcrypt);
    const users = [
      { username: 'SN-1', verifiers },
      { username: 'SN-2', verifiers },
    ];
    expect([...mosquittoLines(users)]).toEqual([
      `SN-1:${verifiers.mosquitto}\n`,
      `SN-2:${verifiers.mosquitto}\n`,
    ]);
    expect([...vernemqLines(users)][0]).toBe(`SN-1:${verifiers.vernemq}\n`);
    expect([...htpasswdLines(users)][0]).toBe('SN-1:$2y$05$6\n');
    expect([...emqxLines(users)].slice(0, 2)).toEqual([
      'user_id,password_hash,salt,is_superuser\n',
      `SN-1,${verifiers.emqx.hash},${verifiers.emqx.salt},false\n`,
    ]);
    const definitions = JSON.parse([...rabbitmqLines(users)].join(''));
    expect(definitions.users.map((user: { name: string }) => user.name)).toEqual(['SN-1', 'SN-2']);
    expect(definitions.users[0].password_hash).toBe(verifiers.rabbitmq);
    expect(JSON.parse([...rabbitmqLines([])].join(''))).toEqual({ users: [] });
    const xml = [...hivemqLines(users, 'device')].join('');
    expect(xml.match(/<user>/g)).toHaveLength(2);
    expect(xml).toContain(`<password>${verifiers.hivemq}</password>`);
    const withoutBcrypt = { username: 'SN-1', verifiers: { ...verifiers, bcrypt: undefined } };
    expect(() => [...htpasswdLines([withoutBcrypt])]).toThrow('capability_missing');
    expect(() => [...mosquittoLines([{ username: 'a:b\n', verifiers }])]).toThrow('value_invalid');
  });
});
