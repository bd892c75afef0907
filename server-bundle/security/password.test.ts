import { expect, test } from 'vitest';
import { PasswordCheck } from './password-check.ts';
import { decoyPassword, encodePassword, generatePassword, verifyPassword } from './password.ts';

test('a password is verified against what was encoded, in any Unicode form', async () => {
  const encoded = await encodePassword('zürich');
  expect(encoded).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await verifyPassword('zu\u0308rich', encoded)).toBe(true);
  expect(await verifyPassword('zurich', encoded)).toBe(false);
  expect(await encodePassword('zürich')).not.toBe(encoded);
});

test('what is no encoded password verifies nothing', async () => {
  for (const encoded of ['', 'plain', '$scrypt$ln=15,r=8,p=3$$']) expect(await verifyPassword('', encoded)).toBe(false);
  expect(await verifyPassword('', decoyPassword)).toBe(false);
});

test('generated passwords differ and can be typed', () => {
  const many = new Set(Array.from({ length: 100 }, generatePassword));
  expect(many.size).toBe(100);
  for (const password of many) expect(password).toMatch(/^[a-hj-km-np-z2-9]{26}$/);
});

test('a verified password is remembered only with the stored form it was verified against', async () => {
  const check = new PasswordCheck();
  const encoded = await encodePassword('right');
  expect(check.remembers('bob', 'right', encoded)).toBe(false);
  const [first, second] = [check.verify('bob', 'right', encoded), check.verify('bob', 'right', encoded)];
  expect([first.joined, second.joined]).toEqual([false, true]);
  expect(await Promise.all([first.outcome, second.outcome])).toEqual([true, true]);
  expect(check.remembers('bob', 'right', encoded)).toBe(true);
  expect(check.remembers('eve', 'right', encoded)).toBe(false);
  expect(check.remembers('bob', 'right', await encodePassword('right'))).toBe(false);
  expect(await check.verify('bob', 'wrong', encoded).outcome).toBe(false);
  expect(check.remembers('bob', 'wrong', encoded)).toBe(false);
});
