import type { ArgsOf, HostKeyReport, HostSummary, LanCluster } from '../../../electron/contract/index.ts';
import { refusal } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

const fingerprints = ['SHA256:w3Jk0cF9sVq1nB7yTzE4xLmPaRdUgHoIiKe5sQb9fQ', 'SHA256:Yb81LQpMzn0RkA2vXt7cWdHf5EoGu9IjS4yNqKwTr3s', 'SHA256:m4Zr6UeTqXo2LhJbVnC8sYwKd1PfAg7iRt5uEyQx0Gk'] as const;

/** The inventory, the keys that hosts show, and the clusters on them: shared by all areas that speak of hosts. */
export class FakeHosts {
  hosts: HostSummary[];
  clusters: LanCluster[];
  readonly keys = new Map<string, HostKeyReport>();
  #added = 0;

  constructor(world: FakeWorld) {
    const nodes = world.hasLan ? world.lan.nodes.map(({ nodeId }) => nodeId) : [];
    this.clusters = world.hasLan ? [{
      clusterId: 'berlin',
      settings: {
        name: 'artifacts-berlin', baseUrl: 'https://art.lan', database: { host: 'db.lan', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5, max: 25 }, keepForOthers: 10 }, filestore: '/srv/artifacts',
        nodePort: 8081, trustedProxies: ['10.0.4.10'], serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000,
      },
      nodes: nodes.map((nodeId, index) => ({ nodeId, hostId: `host-${nodeId}`, url: `http://10.0.4.${11 + index}:8081` })),
    }] : [];
    this.hosts = nodes.map((nodeId, index) => host(nodeId, `10.0.4.${11 + index}`));
    if (!world.hasLan) return;
    this.hosts.push(
      host('art-5', '10.0.4.15'), host('art-6', '10.0.4.16', { auth: 'password', hasSudoPassword: true }), host('art-7', '10.0.4.17', { user: 'deploy', auth: 'keyboard-interactive' }),
      host('lab-1', 'lab-1.dmz.example', { port: 2222, user: 'admin', jump: [{ host: null, user: 'ops', address: 'bastion.example', port: 22 }], auth: 'key' }),
      host('balance-1', '10.0.4.10', { auth: 'agent' }),
    );
    this.keys.set('host-art-6', unknownKey('ops@10.0.4.16:22', 1));
    this.keys.set('host-lab-1', { ...unknownKey('ops@bastion.example:22', 2), authority: '/etc/ssh/ssh_known_hosts:3', why: 'its certificate has expired at 2026-11-01 00:00 UTC' });
    this.keys.set('host-art-7', { ...unknownKey('deploy@10.0.4.17:22', 2), state: 'changed', known: [fingerprints[0]] });
  }

  get(hostId: string): HostSummary {
    const found = this.hosts.find((known) => known.hostId === hostId);
    if (found === undefined) throw refusal('HOST_NOT_FOUND', 'There is no such host', 'Choose another host.');
    return { ...found, node: this.nodeOn(hostId) };
  }

  list(): HostSummary[] {
    return this.hosts.map(({ hostId }) => this.get(hostId));
  }

  nodeOn(hostId: string): HostSummary['node'] {
    for (const { clusterId, nodes } of this.clusters) {
      const node = nodes.find((each) => each.hostId === hostId);
      if (node !== undefined) return { clusterId, nodeId: node.nodeId };
    }
    return null;
  }

  add({ name, address, port = 22, user, auth, sudoPassword, jump }: ArgsOf<'hosts.add'>): HostSummary {
    if (this.hosts.some((known) => known.name === name)) throw refusal('HOST_EXISTS', `There is a host "${name}" already`, 'Choose another name, or remove the host first.');
    this.#added += 1;
    const added = host(name, address, {
      hostId: `host-new-${this.#added}`, port, user, auth: auth.kind, hasSudoPassword: sudoPassword !== undefined,
      jump: (jump ?? []).map((hop) => ('host' in hop ? { host: hop.host, user: 'ops', address: hop.host, port: 22 } : { host: null, user: hop.user, address: hop.address, port: hop.port ?? 22 })),
    });
    this.hosts.push(added);
    this.keys.set(added.hostId, unknownKey(`${user}@${address}:${port}`, this.#added));
    return added;
  }

  /** Another address shows another key until somebody has compared it. */
  change(hostId: string, { name, address, port, user, auth, jump, sudoPassword }: ArgsOf<'hosts.edit'>['changes']): HostSummary {
    const before = this.get(hostId);
    if (name !== undefined && this.hosts.some((known) => known.hostId !== hostId && known.name === name)) throw refusal('HOST_EXISTS', `There is a host "${name}" already`, 'Choose another name.');
    const detail = auth?.kind === 'key' ? auth.file : null;
    const after: HostSummary = {
      ...before, name: name ?? before.name, address: address ?? before.address, port: port ?? before.port, user: user ?? before.user,
      ...(auth === undefined ? {} : { auth: auth.kind, signIn: [{ kind: auth.kind, detail }] }),
      ...(jump === undefined ? {} : { jump: jump.map((hop) => ('host' in hop ? { host: hop.host, user: 'ops', address: hop.host, port: 22 } : { host: null, user: hop.user, address: hop.address, port: hop.port ?? 22 })) }),
      hasSudoPassword: sudoPassword === undefined ? before.hasSudoPassword : sudoPassword !== null,
    };
    this.hosts = this.hosts.map((known) => (known.hostId === hostId ? after : known));
    return this.get(hostId);
  }

  keyOf(hostId: string): HostKeyReport {
    const { user, address, port } = this.get(hostId);
    return this.keys.get(hostId) ?? { state: 'trusted', hop: `${user}@${address}:${port}`, key: null, command: null, known: [], authority: null, why: null };
  }

  /** As a connection would be refused. */
  requireKey(hostId: string): void {
    const { state, hop, key, command, known } = this.keyOf(hostId);
    if (state === 'trusted') return;
    const details = { host: hop, type: key?.type, fingerprint: key?.fingerprint, command, known };
    if (state === 'changed') throw refusal('HOST_KEY_CHANGED', `${hop} shows another key than before`, 'Nothing was sent. Find out why before you replace the known key: somebody may stand in between.', details);
    throw refusal('HOST_KEY_UNKNOWN', `The key of ${hop} is not known`, 'Compare the fingerprint with what the command in "details" shows on the host itself, then trust it.', details);
  }
}

function host(name: string, address: string, more: Partial<HostSummary> = {}): HostSummary {
  const auth = more.auth ?? 'key';
  return {
    hostId: `host-${name}`, name, address, port: 22, user: 'ops', auth, signIn: [{ kind: auth, detail: auth === 'key' ? '~/.ssh/id_ed25519' : null }],
    jump: [], hostKeyAlias: null, hasSudoPassword: false, node: null, ...more,
  };
}

function unknownKey(hop: string, index: number): HostKeyReport {
  return {
    state: 'unknown', hop, key: { type: 'ssh-ed25519', fingerprint: fingerprints[index % fingerprints.length] ?? fingerprints[0] },
    command: 'ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub', known: [], authority: null, why: null,
  };
}

const inventories = new WeakMap<FakeWorld, FakeHosts>();

export function hostsOf(world: FakeWorld): FakeHosts {
  const known = inventories.get(world) ?? new FakeHosts(world);
  inventories.set(world, known);
  return known;
}
