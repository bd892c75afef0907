import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { asBulkheadError, BulkheadError, errorCodes, schemaVersion, type ErrorCode } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, Planned, UpgradePlan, UpgradeRun } from '../../contract/index.ts';
import type { HostAccess, Hosts, LanClusters } from '../fleet/index.ts';
import type { Payloads, RemoteHost } from '../provision/index.ts';
import { Broadcast } from '../streams/index.ts';
import { listReleases } from './commands.ts';
import { ClusterDoor } from './door.ts';
import { Drive, holdSeconds } from './drive.ts';
import { releasesIn, type HostReleases } from './host-releases.ts';
import { HostSet } from './host-set.ts';
import { holdsUp, planUpgrade, type PlanFacts, type Wanted } from './plan.ts';
import { shownTurn } from './shown-steps.ts';
import { freshProgress, shownRun, type RunPlan, type StoredRun } from './record.ts';

/** How often the record of a run that somebody else carries out is looked at. */
const lookMs = 3000;

export interface UpgradesParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly payloads: Payloads;
  readonly connect: (access: HostAccess) => RemoteHost;
  /** version of this app */
  readonly version: string;
  /** a run has come to its end here */
  readonly onEnd: (run: UpgradeRun) => void;
}

/** What is asked for: see the arguments of `upgrade.plan`. */
export type UpgradeWish = Omit<Wanted, 'to' | 'nodeIds' | 'restart'> & { readonly clusterId: string; readonly to?: string | undefined };

interface Here {
  readonly clusterId: string;
  readonly drive: Drive;
  readonly done: Promise<void>;
}

/** Upgrades and restarts of clusters on hosts: planned, begun, watched, paused, resumed, rolled back. */
export class Upgrades {
  readonly #parts: UpgradesParts;
  readonly #here = new Map<string, Here>();
  readonly #changes = new Broadcast<UpgradeRun>();
  readonly #closing = new AbortController();
  readonly who = `${userInfo().username} on ${hostname()}`;

  constructor(parts: UpgradesParts) {
    this.#parts = parts;
  }

  /** Order, time, checks. Changes nothing. */
  async plan({ clusterId, ...asked }: UpgradeWish, signal: AbortSignal): Promise<UpgradePlan> {
    const { facts, wanted } = await this.#look(clusterId, asked, signal);
    return planUpgrade(facts, wanted);
  }

  /** The same, command by command and file by file, for each node in its turn. Changes nothing. */
  async commands({ clusterId, ...asked }: UpgradeWish, signal: AbortSignal): Promise<Planned[]> {
    const { facts, wanted } = await this.#look(clusterId, asked, signal);
    const { settings } = facts.cluster;
    return Promise.all(planUpgrade(facts, wanted).nodes.map((node) => shownTurn(node, settings, this.who, this.#parts.payloads)));
  }

  /** Throws the first check that holds it up. */
  async start({ clusterId, ...asked }: UpgradeWish, signal: AbortSignal): Promise<UpgradeRun> {
    const { facts, wanted } = await this.#look(clusterId, asked, signal);
    return this.#begin(facts.cluster, 'upgrade', allowed(planUpgrade(facts, wanted), wanted), signal);
  }

  async restart(clusterId: string, nodeId: string, acceptWarnings: readonly string[], signal: AbortSignal): Promise<UpgradeRun> {
    const { facts } = await this.#look(clusterId, { to: '', batch: 1 }, signal);
    const host = facts.hosts.find((each) => each.nodeId === nodeId);
    if (host === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
    if (host.current === null) throw new BulkheadError('UPGRADE_REFUSED', host.problem ?? `${nodeId} runs no release`);
    // only its own host has to have what it runs already
    const alone: PlanFacts = { ...facts, hosts: [host], cluster: facts.cluster };
    const wanted: Wanted = { to: host.current, batch: 1, nodeIds: [nodeId], restart: true, acceptWarnings };
    return this.#begin(facts.cluster, 'restart', allowed(planUpgrade(alone, wanted), wanted), signal);
  }

  /** Between two nodes; also when another desktop carries it out. */
  async pause(clusterId: string, runId: string, signal: AbortSignal): Promise<UpgradeRun> {
    const here = this.#here.get(runId);
    const cluster = this.#parts.clusters.get(clusterId);
    if (here !== undefined) {
      here.drive.pause();
      return this.#shown(cluster, here.drive.run);
    }
    return this.#withDoor(cluster, async (door) => this.#shown(cluster, await door.pause(await this.#fullId(door, runId, signal), signal)));
  }

  resume(clusterId: string, runId: string, signal: AbortSignal): Promise<UpgradeRun> {
    return this.#goOn(clusterId, runId, 'running', signal);
  }

  rollback(clusterId: string, runId: string, signal: AbortSignal): Promise<UpgradeRun> {
    return this.#goOn(clusterId, runId, 'rolling-back', signal);
  }

  async list(clusterId: string, signal: AbortSignal): Promise<UpgradeRun[]> {
    const cluster = this.#parts.clusters.get(clusterId);
    return this.#withDoor(cluster, async (door) => (await door.runs(signal)).map((run) => this.#shown(cluster, run)));
  }

  /** An id may be shortened to what is unique. */
  async show(clusterId: string, runId: string, signal: AbortSignal): Promise<UpgradeRun> {
    return found(await this.list(clusterId, signal), runId, (run) => run.runId);
  }

  /** The newest run whenever something of it changes, whoever carries it out. */
  async* watch(clusterId: string, signal: AbortSignal): AsyncGenerator<UpgradeRun | null> {
    const cluster = this.#parts.clusters.get(clusterId);
    await using hosts = this.#hostSet();
    const door = new ClusterDoor(cluster, hosts);
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const isOver = (): boolean => ended.aborted;
    const local = this.#changes.listen(ended, (run) => run.clusterId === cluster.clusterId)[Symbol.asyncIterator]();
    let next = local.next();
    let told = '';
    let failures = 0;
    while (!isOver()) {
      const here = [...this.#here.values()].find((each) => each.clusterId === cluster.clusterId);
      let run: UpgradeRun | null | undefined;
      if (here !== undefined) run = this.#shown(cluster, here.drive.run);
      else {
        try {
          const [latest] = await door.runs(ended);
          run = latest === undefined ? null : this.#shown(cluster, latest);
          failures = 0;
        } catch (error) {
          if (isOver()) return;
          failures += 1;
          // once it was seen, a moment without answer is waited out
          if (told === '' || failures > 20) throw error;
        }
      }
      const text = JSON.stringify(run, (key, value: unknown) => (key === 'asOf' || key === 'elapsedSeconds' || key === 'remainingSeconds' || key === 'holderUntil' ? undefined : value));
      if (run !== undefined && text !== told) {
        told = text;
        yield run;
      }
      if (await Promise.race([next.then(() => true), delay(lookMs, false, { signal: ended }).catch(() => false)])) next = local.next();
    }
  }

  /** The door to a cluster for as long as `work` takes. @param without a node whose host is not asked */
  async withDoor<T>(clusterId: string, work: (door: ClusterDoor, cluster: LanCluster) => Promise<T>, without?: string): Promise<T> {
    const cluster = this.#parts.clusters.get(clusterId);
    const asked = { ...cluster, nodes: cluster.nodes.filter(({ nodeId }) => nodeId !== without) };
    return this.#withDoor(asked, (door) => work(door, cluster));
  }

  /** Lets go of what is under way: a host that is being switched goes on by itself. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#here.values()].map(({ done }) => done));
  }

  #hostSet(): HostSet {
    return new HostSet(this.#parts.hosts, this.#parts.connect);
  }

  async #withDoor<T>(cluster: LanCluster, work: (door: ClusterDoor) => Promise<T>): Promise<T> {
    await using hosts = this.#hostSet();
    return await work(new ClusterDoor(cluster, hosts));
  }

  async #look(clusterId: string, { to, ...asked }: Omit<UpgradeWish, 'clusterId'>, signal: AbortSignal): Promise<{ facts: PlanFacts; wanted: Wanted }> {
    const { clusters, payloads, version } = this.#parts;
    const cluster = clusters.get(clusterId);
    await using hosts = this.#hostSet();
    const [status, said] = await Promise.all([
      new ClusterDoor(cluster, hosts).status(signal), Promise.all(cluster.nodes.map(({ nodeId, hostId }) => this.#releasesOn(cluster, nodeId, hostId, hosts, signal))),
    ]);
    const release = await payloads.release(said.find(({ cpu }) => cpu !== null)?.cpu ?? 'x64').catch(() => null);
    const facts: PlanFacts = { cluster, status, hosts: said, own: release === null ? null : { name: release.name, version, schema: schemaVersion } };
    return { facts, wanted: { to: to ?? release?.name ?? '', ...asked } };
  }

  async #releasesOn({ settings }: LanCluster, nodeId: string, hostId: string, hosts: HostSet, signal: AbortSignal): Promise<HostReleases> {
    const ids = { uid: settings.serviceUid, gid: settings.serviceGid };
    let host = nodeId;
    try {
      host = this.#parts.hosts.get(hostId).name;
      const { exitCode, stdout, stderr } = await (await hosts.host(hostId)).run(listReleases(ids), signal);
      if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', stderr.trim());
      return { nodeId, hostId, host, problem: null, ...releasesIn(stdout) };
    } catch (error) {
      signal.throwIfAborted();
      return { nodeId, hostId, host, problem: asBulkheadError(error).message, current: null, cpu: null, releases: [], incomplete: [] };
    }
  }

  async #begin(cluster: LanCluster, kind: RunPlan['kind'], plan: UpgradePlan, signal: AbortSignal): Promise<UpgradeRun> {
    const turns = plan.nodes.map(({ nodeId, host, master, batch, from, to, unchanged, seconds, removes }) => ({ nodeId, host, master, batch, from: from ?? '', to, unchanged, seconds, removes }));
    const stored: RunPlan = { kind, to: plan.to, batch: plan.batch, turns, interrupts: plan.checks.some(({ id, stops }) => id === 'capacity' && stops) };
    const token = randomUUID();
    const hosts = this.#hostSet();
    const door = new ClusterDoor(cluster, hosts);
    try {
      const run = await door.begin({ id: randomUUID(), holder: this.who, token, ttlSeconds: holdSeconds, plan: { ...stored }, progress: { ...freshProgress(stored) } }, signal);
      return this.#carryOut(cluster, run, token, hosts, door, 'forward', false);
    } catch (error) {
      await hosts.close();
      throw error;
    }
  }

  async #goOn(clusterId: string, runId: string, state: 'running' | 'rolling-back', signal: AbortSignal): Promise<UpgradeRun> {
    const cluster = this.#parts.clusters.get(clusterId);
    const act = state === 'running' ? 'resumed' : 'rolled back';
    const hosts = this.#hostSet();
    const door = new ClusterDoor(cluster, hosts);
    try {
      const before = found(await door.runs(signal), runId, (run) => run.id);
      const shown = this.#shown(cluster, before);
      if (!(state === 'running' ? shown.can.resume : shown.can.rollback)) throw new BulkheadError('RUN_STATE', `The run is ${shown.state}: it cannot be ${act}`, { details: { state: shown.state } });
      if (state === 'rolling-back') await this.#requireServable(cluster, before, hosts, door, signal);
      // what was going back goes on back
      const next = before.state === 'rolling-back' ? 'rolling-back' : state;
      const token = randomUUID();
      const run = await door.take({ id: before.id, holder: this.who, token, ttlSeconds: holdSeconds, state: next }, signal);
      return this.#carryOut(cluster, run, token, hosts, door, next === 'running' ? 'forward' : 'back', true);
    } catch (error) {
      await hosts.close();
      throw error;
    }
  }

  /** The schema may have gone on with the upgrade: what it does not serve any more would not start. */
  async #requireServable(cluster: LanCluster, { plan }: StoredRun, hosts: HostSet, door: ClusterDoor, signal: AbortSignal): Promise<void> {
    const { schema } = await door.status(signal);
    for (const { nodeId, from, unchanged } of plan.turns) {
      const hostId = cluster.nodes.find((each) => each.nodeId === nodeId)?.hostId;
      if (unchanged || hostId === undefined) continue;
      const { releases, problem } = await this.#releasesOn(cluster, nodeId, hostId, hosts, signal);
      if (problem !== null) throw new BulkheadError('HOST_UNREACHABLE', `${nodeId}: ${problem}`);
      const release = releases.find(({ name }) => name === from);
      if (release === undefined) throw new BulkheadError('RELEASE_NOT_THERE', `${from} is not on the host of ${nodeId} any more`);
      if (release.schema !== null && release.schema < schema.servesFrom) {
        throw new BulkheadError('VERSION_UNSUPPORTED', `The schema serves releases that know migration ${schema.servesFrom}; ${from} knows ${release.schema}`);
      }
    }
  }

  #carryOut(cluster: LanCluster, run: StoredRun, token: string, hosts: HostSet, door: ClusterDoor, direction: 'forward' | 'back', resumed: boolean): UpgradeRun {
    const drive = new Drive({
      run, token, who: this.who, cluster, door, hosts, payloads: this.#parts.payloads, signal: this.#closing.signal,
      onChange: (changed) => { this.#changes.send(this.#shown(cluster, changed)); },
    });
    const done = drive.carryOut(direction, resumed).finally(async () => {
      this.#here.delete(run.id);
      const ended = this.#shown(cluster, drive.run);
      this.#changes.send(ended);
      await hosts.close();
      if (!this.#closing.signal.aborted) this.#parts.onEnd(ended);
    });
    this.#here.set(run.id, { clusterId: cluster.clusterId, drive, done });
    return this.#shown(cluster, run);
  }

  #shown(cluster: LanCluster, run: StoredRun): UpgradeRun {
    const here = this.#here.get(run.id);
    return shownRun(cluster, run, { here: here !== undefined, pausing: here?.drive.pausing ?? false, ...(here === undefined ? {} : { uploads: here.drive.uploads }) });
  }

  async #fullId(door: ClusterDoor, runId: string, signal: AbortSignal): Promise<string> {
    return found(await door.runs(signal), runId, (run) => run.id).id;
  }
}

/** By an id that may be shortened to what is unique. */
function found<T>(runs: readonly T[], id: string, idOf: (run: T) => string): T {
  const [only, ...more] = runs.filter((run) => id !== '' && idOf(run).startsWith(id));
  if (only === undefined || more.length > 0) throw new BulkheadError('RUN_NOT_FOUND', `There is no run "${id}"`);
  return only;
}

function allowed(plan: UpgradePlan, wanted: Wanted): UpgradePlan {
  const failed = plan.checks.find((each) => holdsUp(each, wanted));
  if (failed !== undefined) {
    const code = failed.code !== null && failed.code in errorCodes ? failed.code as ErrorCode : 'UPGRADE_REFUSED';
    throw new BulkheadError(code, failed.found, { ...(failed.hint === null ? {} : { hint: failed.hint }), details: { check: failed.id, arithmetic: failed.arithmetic } });
  }
  if (plan.nodes.every(({ unchanged }) => unchanged)) throw new BulkheadError('UPGRADE_REFUSED', `Every node runs ${plan.to} already`, { hint: 'There is nothing to do.' });
  return plan;
}
