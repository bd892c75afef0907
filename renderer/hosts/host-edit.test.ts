import { expect, it } from 'vitest';
import type { HostSummary } from '../../electron/contract/index.ts';
import { consequencesOf, draftOf, hostChangesOf } from './host-edit.ts';

const host: HostSummary = {
  hostId: 'h', name: 'art-1', address: '10.0.4.11', port: 2222, user: 'ops', auth: 'key', signIn: [], hostKeyAlias: null, hasSudoPassword: false, node: { clusterId: 'c', nodeId: 'art-1' },
  jump: [{ host: 'gate', user: 'j', address: 'gate.lan', port: 22 }, { host: null, user: 'u', address: '10.0.0.1', port: 2200 }],
};

it('changes nothing that was not touched', () => {
  expect(draftOf(host).jump).toEqual(['gate', 'u@10.0.0.1:2200']);
  expect(hostChangesOf(draftOf(host), host, ['gate'])).toEqual({});
});

it('names what is other than it was', () => {
  expect(hostChangesOf({ ...draftOf(host), address: ' 10.0.4.21 ', port: '22' }, host, ['gate'])).toEqual({ address: '10.0.4.21', port: 22 });
  expect(hostChangesOf({ ...draftOf(host), jump: [] }, host, ['gate'])).toEqual({ jump: [] });
  expect(hostChangesOf({ ...draftOf(host), name: 'web', jump: ['gate'] }, host, ['gate'])).toEqual({ name: 'web', jump: [{ host: 'gate' }] });
});

it('says that another address is another key, unless the key is known under a name of its own', () => {
  expect(consequencesOf({ address: 'b' }, host)).toEqual([expect.stringContaining('verified anew'), expect.stringContaining('until it is provisioned again')]);
  expect(consequencesOf({ port: 22 }, { node: null, hostKeyAlias: null })).toHaveLength(1);
  expect(consequencesOf({ port: 22 }, { node: null, hostKeyAlias: 'pool' })).toEqual([]);
  expect(consequencesOf({ user: 'root' }, host)).toEqual([]);
});
