import type { ClusterSecrets, RotatedSecret, RotationProgress, SecretState } from '../../../electron/contract/index.ts';
import { hostsOf } from './fake-hosts.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

const phases: Readonly<Record<RotatedSecret, readonly string[]>> = {
  'cluster-key': ['every node learns the new key', 'every node uses the new key', 'every node forgets the old key'],
  'database-password': ['every node learns the new password', 'every node forgets the old password'],
};

/** Keys and passwords of the cluster on hosts: replaced in front of one's eyes. */
export function fakeSecrets(world: FakeWorld): FakePart {
  const inventory = hostsOf(world);
  const listeners = new Set<(progress: RotationProgress) => void>();
  const day = 86_400_000;
  const half = world.scenario === 'lan-interrupted';
  const of = (what: RotatedSecret, more: Partial<SecretState> = {}): SecretState => ({ what, phases: [...phases[what]], state: 'idle', progress: null, replacedAt: null, problem: null, ...more });
  const at = (what: RotatedSecret, phase: number, nodeId: string | null): RotationProgress => ({ clusterId: 'berlin', what, phase, phases: phases[what].length, title: phases[what][phase - 1] ?? '', nodeId });
  let found: ClusterSecrets = {
    clusterId: 'berlin', keyCopy: half ? null : { savedAt: Date.now() - 40 * day, isPresent: true },
    secrets: [of('cluster-key', half ? { state: 'interrupted', progress: at('cluster-key', 2, 'art-2') } : { replacedAt: Date.now() - 120 * day }), of('database-password', half ? { problem: { code: 'CREDENTIALS_INVALID', message: 'The administrator’s password of this cluster is not known here', hint: 'Store it with "bulkhead cluster password NAME".' } } : {})],
  };
  const set = (what: RotatedSecret, more: Partial<SecretState>): void => {
    found = { ...found, secrets: found.secrets.map((secret) => (secret.what === what ? { ...secret, ...more } : secret)) };
  };
  return {
    answers: {
      'clusters.secrets': async ({ clusterId }) => {
        if (world.scenario === 'slow') await wait(60_000);
        return { ...found, clusterId };
      },
      'clusters.rotate': async ({ what }) => {
        if (world.scenario === 'lan-trouble') throw refusal('HOST_UNREACHABLE', 'art-2 does not answer on port 22', 'Nothing was changed. Start it again when all hosts can be reached.', { host: 'ops@10.0.4.12:22' });
        const resumed = found.secrets.some((secret) => secret.what === what && secret.state === 'interrupted');
        const nodes = world.lan.nodes.map(({ nodeId }) => nodeId);
        for (const phase of phases[what].keys()) {
          for (const nodeId of [null, ...nodes]) {
            const progress = at(what, phase + 1, nodeId);
            set(what, { state: 'under-way', progress });
            for (const tell of listeners) tell(progress);
            // the last phase of the first node is a picture that waits to be taken
            await wait(phase === 1 && nodeId === nodes[0] ? 4_000 : 60);
          }
        }
        set(what, { state: 'idle', progress: null, replacedAt: Date.now() });
        return { nodes, resumed };
      },
      'users.newAdminPassword': async () => {
        await wait(400);
        return { user: 'admin', password: 'k3Jq-0vXw2LmN8sTzR4bYd6H' };
      },
      'clusters.copyKey': async () => {
        await wait(400);
        found = { ...found, keyCopy: { savedAt: Date.now(), isPresent: true } };
        return { name: 'artifacts-berlin-cluster-key.json', text: '{}\n' };
      },
      'hosts.edit': async ({ hostId, changes, test, authorizedKey }) => {
        await wait(500);
        inventory.requireKey(hostId);
        if (changes.address !== undefined && test !== false) throw refusal('HOST_KEY_UNKNOWN', `The key of ops@${changes.address}:22 is not known`, 'Compare the fingerprint, then trust it.');
        if (hostId === 'host-art-3') throw refusal('AUTH_FAILED', 'The host did not accept the new way to sign in (key-file: the host does not know this key)', 'Nothing was changed.', { report: {} });
        const host = inventory.change(hostId, changes);
        return { host, test: null, authorizedKeys: { added: authorizedKey === 'leave' ? null : 'SHA256:Lk9q…', removed: authorizedKey === 'replace' ? 'SHA256:Qp3x…' : null } };
      },
    },
    streams: {
      'clusters.rotation': (_args, send) => {
        listeners.add(send);
        return () => listeners.delete(send);
      },
    },
  };
}
