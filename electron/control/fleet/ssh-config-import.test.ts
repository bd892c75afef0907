import { expect, it } from 'vitest';
import type { LocalSide } from '../ssh/index.ts';
import { SshConfigImport } from './ssh-config-import.ts';

const local: LocalSide = { home: '/home/ada', user: 'ada', hostName: 'desk', environment: { SSH_AUTH_SOCK: '/run/agent' }, exists: () => false };
const taken = (text: string, alias: string): unknown => new SshConfigImport({ text }, local).chosen([alias], [])[0]?.host;

it('looks for keys that are named in an agent, where only those may be shown', () => {
  const text = 'Host web\n IdentitiesOnly yes\n IdentityFile /k\nHost vault\n IdentitiesOnly yes\n IdentityFile /k\n IdentityAgent /run/vault\nHost bare\n IdentityFile /k\n IdentityAgent none\n';
  expect(taken(text, 'web')).toMatchObject({ auth: { kind: 'key', file: '/k' }, fallbacks: [] });
  expect(taken(text, 'vault')).toMatchObject({ auth: { kind: 'key', file: '/k', agent: '/run/vault' }, fallbacks: [] });
  expect(taken(text, 'bare')).toMatchObject({ auth: { kind: 'key', file: '/k', agent: 'none' }, fallbacks: [] });
});

it('knows a host on the way by the name that its key has, also one that is written out', () => {
  const text = 'Host web\n HostName 10.0.0.5\n ProxyJump root@gate-7:2200\nHost gate-*\n HostName %h.lan\n HostKeyAlias gate\n';
  expect(taken(text, 'web')).toMatchObject({ jump: [{ address: 'gate-7.lan', port: 2200, user: 'root', hostKeyAlias: 'gate' }] });
});
