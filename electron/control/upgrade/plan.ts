import type { ClusterStatus, ErrorCode } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, PlannedNode, UpgradeCheck, UpgradePlan, UpgradeRelease } from '../../contract/index.ts';
import type { HostReleases } from './host-releases.ts';
import { releasesToRemove } from './kept-releases.ts';
import { readRow } from './record.ts';
import { stepsOf } from './switch-script.ts';

export interface PlanFacts {
  readonly cluster: LanCluster;
  readonly status: ClusterStatus;
  readonly hosts: readonly HostReleases[];
  /** what this app ships; null when it ships nothing */
  readonly own: { readonly name: string; readonly version: string; readonly schema: number } | null;
}

export interface Wanted {
  readonly to: string;
  readonly batch: number;
  /** how many former releases stay on each host */
  readonly keepReleases?: number;
  /** names of checks whose warnings are taken on */
  readonly acceptWarnings?: readonly string[];
  /** only these nodes; all when left out */
  readonly nodeIds?: readonly string[];
  /** restart: a node that runs the release already is not left out */
  readonly restart?: boolean;
}

/** Seconds of a turn besides the notice to the balancers, and of an upload, before anything was measured. */
const turnSeconds = 12;
const uploadSeconds = 6;
/** Former releases that stay on a host unless another number is asked for. */
const keptReleases = 2;
/** Connections that nobody is granted: for nodes that start. */
const startupSlots = 2;

/** Order, time and every check, from facts alone. */
export function planUpgrade(facts: PlanFacts, wanted: Wanted): UpgradePlan {
  const { cluster, status, hosts } = facts;
  const releases = releasesOf(facts);
  const release = releases.find(({ name }) => name === wanted.to);
  const measured = measuredSeconds(status);
  const masterId = status.view.master?.nodeId ?? null;
  const included = hosts.filter(({ nodeId }) => wanted.nodeIds === undefined || wanted.nodeIds.includes(nodeId));
  const ordered = [...included].sort((a, b) => Number(a.nodeId === masterId) - Number(b.nodeId === masterId) || a.nodeId.localeCompare(b.nodeId));
  const removed = releasesToRemove(hosts, { to: wanted.to, former: wanted.keepReleases ?? keptReleases, servesFrom: status.schema.servesFrom });
  const switchSeconds = measured ?? cluster.settings.drainNoticeMs / 1000 + turnSeconds;
  let turns = 0;
  const nodes = ordered.map(({ nodeId, hostId, host, current, releases: there }): PlannedNode => {
    const unchanged = current === wanted.to && wanted.restart !== true;
    const upload = release?.own === true && !there.some(({ name }) => name === wanted.to) ? uploadSeconds : 0;
    const seconds = unchanged ? 0 : switchSeconds + upload;
    const removes = unchanged || wanted.restart === true ? [] : removed.get(nodeId) ?? [];
    if (!unchanged) turns += 1;
    return {
      nodeId, hostId, host, master: nodeId === masterId, from: current, to: wanted.to, unchanged, seconds,
      batch: unchanged ? 0 : Math.ceil(turns / wanted.batch), steps: unchanged ? [] : stepsOf(removes).map((each) => ({ ...each })), removes,
    };
  });
  const checks = checksOf(facts, wanted, nodes, release, switchSeconds);
  const batches = [...new Set(nodes.map(({ batch }) => batch))];
  return {
    clusterId: cluster.clusterId, to: wanted.to, batch: wanted.batch, nodes, checks, releases,
    seconds: batches.reduce((sum, batch) => sum + Math.max(...nodes.filter((node) => node.batch === batch).map(({ seconds }) => seconds)), 0),
    basis: measured === null
      ? `${cluster.settings.drainNoticeMs / 1000} s notice to balancers and about ${turnSeconds} s for each node (nothing measured here yet), ${uploadSeconds} s where the release has to be uploaded`
      : `${measured.toFixed(0)} s for each node, as measured in earlier runs of this cluster`,
    allowed: checks.every((each) => !holdsUp(each, wanted)),
  };
}

/** A check that has failed, or a warning that stops and is not taken on. */
export function holdsUp({ id, status, stops }: UpgradeCheck, { acceptWarnings = [] }: Pick<Wanted, 'acceptWarnings'>): boolean {
  return status === 'failed' || (stops && !acceptWarnings.includes(id));
}

/** Mean of the turns that earlier runs have finished; null when there were none. */
function measuredSeconds({ runs }: ClusterStatus): number | null {
  const seconds = runs.map(readRow).flatMap(({ progress }) => Object.values(progress.turns).flatMap(({ state, startedAt, endedAt }) =>
    state === 'done' && startedAt !== null && endedAt !== null ? [(endedAt - startedAt) / 1000] : []));
  return seconds.length === 0 ? null : seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
}

function releasesOf({ own, hosts, status }: PlanFacts): UpgradeRelease[] {
  const names = new Set([...(own === null ? [] : [own.name]), ...hosts.flatMap(({ releases }) => releases.map(({ name }) => name))]);
  return [...names].map((name): UpgradeRelease => {
    const on = hosts.filter(({ releases }) => releases.some((each) => each.name === name));
    const said = on.flatMap(({ releases }) => releases.filter((each) => each.name === name))[0];
    const isOwn = own?.name === name;
    const schema = said?.schema ?? (isOwn ? own.schema : null);
    const missing = hosts.filter((host) => !on.includes(host)).map(({ nodeId }) => nodeId);
    const reason = schema !== null && schema < status.schema.servesFrom
      ? `it knows the schema up to ${schema}, and what the database holds now (${status.schema.applied}) serves bundles from ${status.schema.servesFrom} on`
      : !isOwn && missing.length > 0 ? `it is not on ${missing.join(', ')}` : null;
    return {
      name, version: said?.version ?? (isOwn ? own.version : ''), own: isOwn, on: on.map(({ nodeId }) => nodeId),
      current: hosts.filter(({ current }) => current === name).map(({ nodeId }) => nodeId), schema, usable: reason === null, reason,
    };
  });
}

function checksOf(facts: PlanFacts, wanted: Wanted, nodes: readonly PlannedNode[], release: UpgradeRelease | undefined, switchSeconds: number): UpgradeCheck[] {
  return [hostsCheck(facts), releaseCheck(facts, wanted, release), schemaCheck(facts, release), runningCheck(facts), drainedCheck(facts, nodes), capacityCheck(facts, wanted, nodes, switchSeconds), budgetCheck(facts, wanted, nodes)];
}

type Outcome = Partial<Omit<UpgradeCheck, 'id' | 'title'>> & { readonly found: string };

function made(id: UpgradeCheck['id'], title: string, { status = 'passed', stops = false, found, arithmetic = null, code = null, hint = null }: Outcome): UpgradeCheck {
  return { id, title, status, stops, found, arithmetic, code, hint };
}

const refused = (code: ErrorCode, found: string, hint: string): Outcome => ({ status: 'failed', code, found, hint });

function hostsCheck({ hosts, status }: PlanFacts): UpgradeCheck {
  const title = 'Every host can be worked on';
  const silent = hosts.filter(({ problem }) => problem !== null);
  const cpus = new Set(hosts.flatMap(({ cpu }) => cpu ?? []));
  if (cpus.size > 1) return made('hosts', title, refused('NOT_SUPPORTED', `The hosts have different CPUs (${[...cpus].join(', ')}), and a release is for one`, 'Provision them again with this version, one after the other.'));
  if (silent.length > 0) return made('hosts', title, refused('HOST_UNREACHABLE', silent.map(({ host, problem }) => `${host}: ${problem ?? ''}`).join('; '), 'Mend the connection, or forget the node if its host is gone for good.'));
  const bare = hosts.filter(({ current }) => current === null);
  if (bare.length > 0) return made('hosts', title, refused('UPGRADE_REFUSED', `${bare.map(({ host }) => host).join(', ')} runs no release`, 'Provision it first.'));
  const strangers = status.view.nodes.filter(({ nodeId, observed }) => observed === 'serving' && !hosts.some((host) => host.nodeId === nodeId)).map(({ nodeId }) => nodeId);
  if (strangers.length > 0) return made('hosts', title, { status: 'warning', found: `${strangers.join(', ')} serves on a host that this app does not know, and stays as it is`, hint: 'Adopt the cluster again to learn of it.' });
  return made('hosts', title, { found: `${hosts.length} hosts answer` });
}

function releaseCheck({ hosts, own }: PlanFacts, { to }: Wanted, release: UpgradeRelease | undefined): UpgradeCheck {
  const title = 'The release is there';
  if (release === undefined) {
    const hint = own === null ? 'Run "npm ci", then "npm run build".' : 'Choose one of the releases that the plan lists.';
    return made('release', title, refused('RELEASE_NOT_THERE', `There is no release "${to}"`, hint));
  }
  if (!release.usable && release.schema !== null && release.on.length === hosts.length) return made('release', title, { found: `${to} is on every host` });
  if (!release.usable) return made('release', title, refused('RELEASE_NOT_THERE', `${to}: ${release.reason ?? ''}`, 'Choose a release that every host has, or the one of this app.'));
  const running = hosts.flatMap(({ current, releases }) => releases.filter(({ name }) => name === current).map(({ version }) => version));
  const far = running.find((version) => !adjacent(version, release.version));
  if (far !== undefined) return made('release', title, refused('VERSION_UNSUPPORTED', `${release.version} and ${far} do not serve together`, 'Take the minor versions in between, one after the other.'));
  const missing = hosts.filter(({ releases }) => !releases.some(({ name }) => name === to)).map(({ host }) => host);
  return made('release', title, { found: missing.length === 0 ? `${to} is on every host` : `${to} is uploaded to ${missing.join(', ')}` });
}

/** Nodes of two adjacent minor versions serve together. */
function adjacent(a: string, b: string): boolean {
  const [[majorA = 0, minorA = 0] = [], [majorB = 0, minorB = 0] = []] = [a, b].map((version) => version.split('.').map(Number));
  return majorA === majorB && Math.abs(minorA - minorB) <= 1;
}

function schemaCheck({ status: { schema } }: PlanFacts, release: UpgradeRelease | undefined): UpgradeCheck {
  const title = 'The schema serves it';
  const known = release?.schema ?? null;
  if (known === null) return made('schema', title, { status: 'warning', found: 'It is not known which schema this release knows; a node that cannot serve it is put back' });
  const arithmetic = `knows ${known}, database holds ${schema.applied} and serves from ${schema.servesFrom}`;
  if (known < schema.servesFrom) {
    return made('schema', title, { ...refused('VERSION_UNSUPPORTED', `The schema has gone on: it serves releases that know migration ${schema.servesFrom}, and this one knows ${known}`, 'Choose a newer release.'), arithmetic });
  }
  return made('schema', title, { found: known > schema.applied ? `the first node brings it from ${schema.applied} to ${known}; the others go on serving` : 'nothing has to be migrated', arithmetic });
}

function runningCheck({ status }: PlanFacts): UpgradeCheck {
  const title = 'No other upgrade is under way';
  const open = status.runs.find(({ endedAt }) => endedAt === null);
  if (open === undefined) return made('running', title, { found: 'none' });
  return made('running', title, refused('UPGRADE_RUNNING', `${open.holder} has begun one (${open.state})`, `Resume or roll back the run ${open.id}, or wait for its end.`));
}

/** A turn ends with a node that serves: whoever has drained one meant it not to. What an earlier upgrade has drained is another matter. */
function drainedCheck({ status: { view } }: PlanFacts, nodes: readonly PlannedNode[]): UpgradeCheck {
  const title = 'Nobody keeps a node from serving';
  const kept = view.nodes.filter(({ nodeId, desired, drainNote }) => (desired === 'draining' || desired === 'drained') && drainNote?.kind !== 'upgrade' && nodes.some((node) => node.nodeId === nodeId && !node.unchanged));
  if (kept.length === 0) return made('drained', title, { found: 'no node is drained' });
  const why = kept.map(({ nodeId, drainNote, drainUntil }) => `${nodeId} is ${drainNote?.kind === 'maintenance' ? 'in maintenance' : 'drained'}${typeof drainUntil === 'string' ? ` until ${drainUntil}` : ''}${drainNote ? `, by ${drainNote.by}` : ''}`);
  return made('drained', title, {
    status: 'warning', stops: true, code: 'UPGRADE_REFUSED', found: `${why.join('; ')}: after its turn it would serve clients again`,
    hint: 'Wait for the end of it, end it, or accept "drained" to have the node serve all the same.',
  });
}

function capacityCheck({ status: { view } }: PlanFacts, { batch }: Wanted, nodes: readonly PlannedNode[], switchSeconds: number): UpgradeCheck {
  const title = 'Enough nodes go on serving';
  const serving = view.nodes.filter(({ observed, desired }) => observed === 'serving' && desired === 'serving').map(({ nodeId }) => nodeId);
  const numbers = [...new Set(nodes.map((node) => node.batch))].filter((number) => number > 0);
  const most = Math.max(0, ...numbers.map((number) => nodes.filter((node) => node.batch === number && serving.includes(node.nodeId)).length));
  const left = serving.length - most;
  const arithmetic = `${serving.length} serving − ${most} at a time = ${left} that serve meanwhile`;
  if (numbers.length === 0) return made('capacity', title, { found: 'no node has to be switched' });
  if (isAlone(view) && left < 1) {
    return made('capacity', title, {
      status: 'warning', stops: true, code: 'CAPACITY_TOO_SMALL', arithmetic,
      found: `It is the only node: nobody serves for about ${Math.ceil(switchSeconds)} s, and clients that do not try again fail`,
      hint: 'Add a node first, and no client sees it; or accept "capacity" to switch it all the same.',
    });
  }
  if (left < 1) return made('capacity', title, { ...refused('CAPACITY_TOO_SMALL', `With ${batch} at a time no node would be left to serve`, serving.length < 2 ? 'Bring the other nodes back first.' : 'Take a smaller batch.'), arithmetic });
  if (left === 1 && view.nodes.length > 2) return made('capacity', title, { status: 'warning', found: 'one node carries everything meanwhile', arithmetic });
  return made('capacity', title, { found: `${left} of ${serving.length} nodes serve meanwhile`, arithmetic });
}

/** A cluster of one node: there is nobody to bring back and nobody to wait for. */
export function isAlone({ nodes }: ClusterStatus['view']): boolean {
  return nodes.length === 1;
}

/** Everybody's minimum has to fit, and a starting node needs a session before it has a grant. */
function budgetCheck({ status: { view } }: PlanFacts, { batch }: Wanted, nodes: readonly PlannedNode[]): UpgradeCheck {
  const title = 'The connection budget has room';
  const { budget, kept, foreign, minimumPerNode, maxConnections, superuserReserved, reserved } = view.database;
  const members = view.nodes.filter(({ observed }) => observed !== 'stopped' && observed !== 'unreachable').length;
  const starting = Math.min(batch, nodes.filter(({ unchanged }) => !unchanged).length);
  // what others hold beyond what is kept for them is missing as well
  const room = budget - Math.max(0, foreign - kept);
  const needed = members * minimumPerNode;
  const arithmetic = `${maxConnections} − ${superuserReserved} superuser − ${reserved} reserved − ${kept} kept = ${budget}; ${foreign} held by others leave ${room}; ${members} nodes × ${minimumPerNode} at least = ${needed}, and ${starting} to start with`;
  if (needed + Math.max(0, starting - startupSlots) > room) {
    return made('budget', title, { ...refused('CONNECTION_BUDGET_EXHAUSTED', `A restarted node would not get its ${minimumPerNode} connections`, 'Raise max_connections, end sessions of others, or lower the minimum of the pools.'), arithmetic });
  }
  return made('budget', title, { found: `${room} connections for at least ${needed}`, arithmetic });
}
