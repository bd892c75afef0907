import { afterAll, beforeAll, expect, test } from 'vitest';
import { resetFirstAdmin } from '../../../server-bundle/metadata/first-admin.ts';
import { encodePassword, generatePassword } from '../../../server-bundle/security/password.ts';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
beforeAll(async () => {
  node = await startLoneNode({ trustedProxies: ['127.0.0.1'] });
  const set = await node.client.put('/api/v1/settings/login-lock', JSON.stringify({ maxFailedLogins: 6 }), { headers: { 'content-type': 'application/json' } });
  expect(set.status).toBe(200);
});
afterAll(() => node[Symbol.asyncDispose]());

const owner = '10.9.9.9';
let attackers = 0;
async function login(password: string, address: string): Promise<string> {
  const answer = await node.client.get('/api/security/users/admin', { as: { user: 'admin', password }, headers: { 'x-forwarded-for': address } });
  return answer.status === 200 ? 'in' : (answer.json() as { errors: { code: string }[] }).errors[0]?.code ?? '';
}
/** Wrong passwords, each from another address, as many as lock anybody out. */
async function attack(): Promise<void> {
  for (let guess = 0; guess < 6; guess += 1) await login(`guess ${String(attackers)}`, `10.0.0.${String(attackers += 1)}`);
}
const changePassword = async (from: string, to: string): Promise<void> => {
  const changed = await node.client.request('/api/security/users/authorization/changePassword', {
    method: 'POST', as: { user: 'admin', password: from }, headers: { 'content-type': 'application/json', 'x-forwarded-for': owner },
    body: JSON.stringify({ userName: 'admin', oldPassword: from, newPassword1: to, newPassword2: to }),
  });
  expect([changed.status, changed.text()]).toEqual([200, expect.any(String)]);
};

test('reset-admin lets the owner in at once, and nobody who goes on guessing locks the new password out', async () => {
  await changePassword('correct horse battery', 'a password that I chose');
  await attack();
  expect(await login('a password that I chose', '10.8.8.8')).toBe('USER_LOCKED');
  // the owner has tried as well, until that address was held up
  await node.session.db.updateTable('user_account').set({ locked_until: null }).where('name', '=', 'admin').execute();
  for (let time = 1; time <= 5; time += 1) await login('mistyped', owner);
  expect(await login('a password that I chose', owner)).toBe('LOGIN_THROTTLED');
  await attack();

  const password = generatePassword();
  await resetFirstAdmin(node.session.db, await encodePassword(password));
  expect(await login(password, owner)).toBe('in');
  await attack();
  expect(await login(password, owner)).toBe('in');
  expect(await login(password, '10.7.7.7')).toBe('in');
  const unlocked = await node.client.request('/api/security/unlockUsers/admin', { method: 'POST', as: { user: 'admin', password }, headers: { 'x-forwarded-for': owner } });
  expect(unlocked.status).toBe(200);
  await attack();
  expect(await login(password, '10.6.6.6')).toBe('in');

  // one that a person chose can be guessed again
  await changePassword(password, 'another one that I chose');
  await attack();
  expect(await login('another one that I chose', '10.5.5.5')).toBe('USER_LOCKED');
});
