import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, ClusterSecrets, Handlers, LanCluster, RotatedSecret, RotationProgress, SecretState } from '../contract/index.ts';
import type { HostAccess, Hosts, LanClusters } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import { nodeRunUnderWay, type RemoteHost } from './provision/index.ts';
import { openKey, phaseTitles, places, rotate, RotationBook, rotationProblem, sealKey, type Rotated } from './rotation/index.ts';
import type { State } from './state/index.ts';
import { Broadcast } from './streams/index.ts';

export interface RotationDeskParts {
  readonly state: State;
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly journal: Journal;
  readonly connect: (access: HostAccess) => RemoteHost;
}

const words = { 'cluster-key': 'cluster key', 'database-password': 'database password' } as const;
const beatMs = 1000;

type RotationOperation = Extract<keyof Handlers, 'clusters.secrets' | 'clusters.rotate' | 'clusters.rotation' | 'clusters.copyKey' | 'clusters.restoreKey'>;

/** Secrets of clusters on hosts: new ones, one rotation of a cluster at a time, and copies of the key. */
export class RotationDesk {
  readonly handlers: Pick<Handlers, RotationOperation>;
  readonly #parts: RotationDeskParts;
  readonly #book: RotationBook;
  readonly #progress = new Broadcast<RotationProgress>();
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(parts: RotationDeskParts) {
    this.#parts = parts;
    this.#book = new RotationBook(parts.state);
    const { clusters } = parts;
    this.handlers = {
      'clusters.secrets': ({ clusterId }) => this.#secrets(clusters.get(clusterId)),
      'clusters.rotate': ({ clusterId, what }, context) => this.#rotate(clusters.get(clusterId), what, context),
      'clusters.rotation': (_, { signal }) => this.#progress.listen(signal),
      'clusters.copyKey': async ({ clusterId, passphrase }, context) => this.#copyKey(clusters.get(clusterId), passphrase, context),
      'clusters.restoreKey': async ({ clusterId, text, passphrase }, context) => this.#restoreKey(clusters.get(clusterId), text, passphrase, context),
    };
  }

  async #secrets(cluster: LanCluster): Promise<ClusterSecrets> {
    const { clusterId } = cluster;
    const notes = this.#book.read(clusterId);
    const { replacedAt, keyCopiedAt } = notes;
    const secrets = Object.keys(places).map((what) => this.#stateOf(cluster, what as RotatedSecret));
    return {
      clusterId, secrets: await Promise.all(secrets),
      keyCopy: keyCopiedAt === null ? null : { savedAt: keyCopiedAt, isPresent: keyCopiedAt > (replacedAt['cluster-key'] ?? 0) },
    };
  }

  async #stateOf(cluster: LanCluster, what: RotatedSecret): Promise<SecretState> {
    const { clusters } = this.#parts;
    const notes = this.#book.read(cluster.clusterId);
    const attempt = notes.attempt?.what === what ? notes.attempt : null;
    const begun = await clusters.secret(cluster.clusterId, places[what].next) !== undefined;
    const isUnderWay = attempt !== null && this.#book.isUnderWay(notes);
    return {
      what, phases: phaseTitles(what), state: isUnderWay ? 'under-way' : begun ? 'interrupted' : 'idle',
      progress: isUnderWay || begun ? attempt?.progress ?? null : null, replacedAt: notes.replacedAt[what] ?? null,
      problem: (await rotationProblem(clusters, cluster, what))?.toBody() ?? null,
    };
  }

  async #rotate(cluster: LanCluster, what: RotatedSecret, { signal, caller }: CallContext): Promise<Rotated> {
    const { clusterId } = cluster;
    const before = this.#underWay.get(clusterId) ?? Promise.resolve();
    const work = before.catch(() => undefined).then(() => this.#carryOut(cluster, what, signal));
    this.#underWay.set(clusterId, work);
    try {
      const rotated = await work;
      this.#note(clusterId, 'cluster.rotate', `The ${words[what]} was replaced on ${rotated.nodes.join(', ')}`, { what, by: caller });
      return rotated;
    } catch (error) {
      const begun = await this.#parts.clusters.secret(clusterId, places[what].next) !== undefined;
      this.#note(clusterId, 'cluster.rotate', begun ? `Replacing the ${words[what]} was interrupted: old and new are valid until it is run again` : `The ${words[what]} was not replaced: nothing has changed`, { what, by: caller }, 'warning');
      throw error;
    }
  }

  async #carryOut({ clusterId }: LanCluster, what: RotatedSecret, signal: AbortSignal): Promise<Rotated> {
    const { hosts, clusters, connect } = this.#parts;
    const lockId = this.#book.begin(clusterId, what);
    const beat = setInterval(() => this.#book.beat(clusterId), beatMs);
    let done = false;
    try {
      const tell = (progress: RotationProgress): void => {
        this.#book.beat(clusterId, progress);
        this.#progress.send(progress);
      };
      this.#refuseDuringRuns(clusterId);
      // as it is now: the one before this may have changed it
      const rotated = await rotate({ hosts, clusters, connect, tell, lockId }, clusters.get(clusterId), what, signal);
      done = true;
      return rotated;
    } finally {
      clearInterval(beat);
      this.#book.end(clusterId, what, done);
    }
  }

  /** A node that is just being made is in no list yet, and would be left with the old secret. */
  #refuseDuringRuns(clusterId: string): void {
    const run = nodeRunUnderWay(this.#parts.state, clusterId);
    if (run !== undefined) throw new BulkheadError('HOST_LOCKED', `${run.nodeId} is being ${run.kind === 'remove' ? 'removed' : 'provisioned'}`, { hint: 'Wait until that has ended, or cancel it. Nothing was changed.', details: { runId: run.runId } });
  }

  async #copyKey({ clusterId, settings: { name } }: LanCluster, passphrase: string, { caller }: CallContext): Promise<{ name: string; text: string }> {
    const { clusters } = this.#parts;
    if (await clusters.secret(clusterId, 'next-key') !== undefined) throw new BulkheadError('NOT_SUPPORTED', 'The key is being replaced: a copy of it would soon be worthless', { hint: 'Finish that first, then copy the new one.' });
    const key = await clusters.secret(clusterId, 'key');
    if (key === undefined) throw new BulkheadError('NOT_SUPPORTED', 'The key of this cluster is not known here', { hint: 'Adopt the cluster from one of its hosts.' });
    const now = new Date();
    const text = await sealKey(name, key, passphrase, now);
    this.#book.noteCopy(clusterId, now.getTime());
    this.#note(clusterId, 'cluster.key-copy', 'A copy of the cluster key was made, under a passphrase', { by: caller });
    return { name: `${name}-cluster-key-${now.toISOString().slice(0, 10)}.json`, text };
  }

  async #restoreKey(cluster: LanCluster, text: string, passphrase: string, { caller }: CallContext): Promise<LanCluster> {
    const { clusterId, nodes } = cluster;
    if (nodes.length > 0) throw new BulkheadError('HOST_IN_USE', 'The cluster has nodes, which hold its key already', { hint: 'A copy is for a cluster whose hosts are all gone. Where one is left, adopt the cluster from it.' });
    const copy = await openKey(text, passphrase);
    await this.#parts.clusters.setSecret(clusterId, 'key', copy.key);
    this.#note(clusterId, 'cluster.key-restore', `The cluster key was taken from a copy of the key of "${copy.cluster}"`, { by: caller });
    return cluster;
  }

  #note(clusterId: string, type: string, message: string, detail: Record<string, unknown>, severity: 'info' | 'warning' = 'info'): void {
    this.#parts.journal.write({ clusterId, source: 'operator', severity, type, nodeId: null, message, detail });
  }
}
