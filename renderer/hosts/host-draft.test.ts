import { expect, it } from 'vitest';
import { emptyHost, hostProblems, loginText, takePasted, toNewHost, type HostDraft } from './host-draft.ts';

const whole: HostDraft = { ...emptyHost(), name: 'art-1', address: '10.0.4.11', user: 'ops' };

it('takes what was pasted apart, and suggests a name until somebody has given one', () => {
  const draft = emptyHost();
  expect(takePasted(draft, ' deploy@art-1.lan:2222 ')).toBeNull();
  expect(draft).toMatchObject({ user: 'deploy', address: 'art-1.lan', port: '2222', name: 'art-1' });
  expect(takePasted(draft, 'art-2.lan')).toBeNull();
  expect(draft).toMatchObject({ user: 'deploy', address: 'art-2.lan', port: '22', name: 'art-2' });
  draft.name = 'mine';
  takePasted(draft, 'art-3.lan');
  expect(draft.name).toBe('mine');
});

it('says what is wrong with what was pasted, and changes nothing', () => {
  const draft = emptyHost();
  expect(takePasted(draft, 'ops@host:port')).toMatch(/not a port/);
  expect(draft).toEqual(emptyHost());
});

it('never repeats a password that was pasted in an address', () => {
  expect(takePasted(emptyHost(), 'ssh://ops:hunter-two@host')).not.toContain('hunter-two');
});

it.each<[Partial<HostDraft>, string[]]>([
  [{}, []], [{ name: '' }, ['name']], [{ name: 'taken' }, ['name']], [{ address: 'a b' }, ['address']], [{ port: '0' }, ['port']], [{ port: '' }, ['port']], [{ user: '' }, ['user']],
  [{ auth: 'key' }, ['keyFile']], [{ auth: 'password' }, ['password']], [{ auth: 'keyboard-interactive' }, []], [{ jump: ['nobody'] }, ['jump']], [{ jump: ['taken', 'ops@bastion:2200'] }, []],
])('finds what is wrong in %j', (change, fields) => {
  expect(Object.keys(hostProblems({ ...whole, ...change }, ['taken']))).toEqual(fields);
});

it('sends only what the chosen way to sign in needs', () => {
  const draft: HostDraft = { ...whole, auth: 'agent', password: 'left-over', passphrase: 'left-over', keyFile: '/k', sudoPassword: '' };
  expect(JSON.stringify(toNewHost(draft, []))).not.toMatch(/left-over|sudo/);
  expect(toNewHost({ ...draft, auth: 'key' }, []).auth).toEqual({ kind: 'key', file: '/k', passphrase: 'left-over' });
  expect(toNewHost({ ...whole, jump: ['bastion', 'ops@gate:2200'] }, ['bastion']).jump).toEqual([{ host: 'bastion' }, { user: 'ops', address: 'gate', port: 2200 }]);
});

it('writes logins as they are pasted', () => {
  expect(loginText({ user: 'ops', address: 'fd00::1', port: 2222 })).toBe('ops@[fd00::1]:2222');
});
