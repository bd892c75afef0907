import { newLanCluster, type ArgsOf, type BalancerProduct } from '../../electron/contract/index.ts';

export const wizardSteps = ['database', 'filestore', 'hosts', 'balancer', 'review'] as const;
export type WizardStep = (typeof wizardSteps)[number];

export type BalancerChoice = 'none' | BalancerProduct | 'export';

/** A server of the database, as it was typed. */
export interface DraftServer {
  host: string;
  port: string;
}

/** What has been typed and chosen so far; all text as it was typed. */
export interface ClusterDraft {
  name: string;
  databaseHost: string;
  databasePort: string;
  /** besides the first: of a replicated database nodes use the one that may write */
  moreServers: DraftServer[];
  databaseName: string;
  databaseUser: string;
  databasePassword: string;
  keepForOthers: string;
  filestore: string;
  nodePort: string;
  serviceUid: string;
  baseUrl: string;
  hostIds: string[];
  /** warnings that were taken on, by the name of their check */
  accepted: string[];
  balancer: BalancerChoice;
  balancerHostId: string;
  balancerPort: string;
}
export type DraftField = keyof ClusterDraft;
/** a field that is one text */
type TypedField = { [K in DraftField]: string extends ClusterDraft[K] ? K : never }[DraftField];

export function emptyDraft(): ClusterDraft {
  return {
    name: '', databaseHost: '', databasePort: '5432', moreServers: [], databaseName: 'bulkhead', databaseUser: 'bulkhead', databasePassword: '', keepForOthers: '5',
    filestore: '', nodePort: '8081', serviceUid: '8081', baseUrl: '', hostIds: [], accepted: [], balancer: 'none', balancerHostId: '', balancerPort: '8080',
  };
}

const number = (text: string): number => (/^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN);

/** More servers than this are a mistake. */
export const mostServers = 8;

/** All of them, the first one first. */
export function serversOf({ databaseHost, databasePort, moreServers }: ClusterDraft): DraftServer[] {
  return [{ host: databaseHost, port: databasePort }, ...moreServers];
}

/** The same draft with one server alone, to try that one. */
export function withServer(draft: ClusterDraft, { host, port }: DraftServer): ClusterDraft {
  return { ...draft, databaseHost: host, databasePort: port, moreServers: [] };
}

/** A list of servers that was typed or pasted into one field: each gets a row of its own. */
export function splitServers(draft: ClusterDraft): ClusterDraft {
  const [first, ...rest] = draft.databaseHost.split(',').map((entry) => entry.trim()).filter((entry) => entry !== '').map((entry): DraftServer => {
    const [, host, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    return { host: (host ?? entry).replace(/^\[(.*)\]$/, '$1'), port: port ?? draft.databasePort };
  });
  if (first === undefined || rest.length === 0) return draft;
  return { ...draft, databaseHost: first.host, databasePort: first.port, moreServers: [...rest, ...draft.moreServers].slice(0, mostServers - 1) };
}

/** Several servers in one text, as the contract and PostgreSQL's own connection strings have them. */
function hostOf(draft: ClusterDraft): string {
  if (draft.moreServers.length === 0) return draft.databaseHost.trim();
  return serversOf(draft).map(({ host, port }) => {
    const name = host.trim();
    return `${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}${port.trim() === draft.databasePort.trim() ? '' : `:${port.trim()}`}`;
  }).join(',');
}

/** What is wrong with one server, by its number from 0; both null when nothing is. */
export function serverProblem(draft: ClusterDraft, index: number): { readonly host: string | null; readonly port: string | null } {
  const servers = serversOf(draft);
  const server = servers[index];
  if (server === undefined) return { host: null, port: null };
  const same = (other: DraftServer): boolean => other.host.trim() === server.host.trim() && other.port.trim() === server.port.trim();
  const alone = problemsOf(withServer(draft, server));
  const isTwice = servers.findIndex(same) < index;
  return { host: alone.databaseHost?.text ?? (server.host.includes(',') ? 'One server in each row' : isTwice ? 'This server is there already' : null), port: alone.databasePort?.text ?? null };
}

/** The draft as the control room takes it; not checked. */
export function toCluster(draft: ClusterDraft): ArgsOf<'clusters.create'> {
  const { databasePassword, baseUrl } = draft;
  return {
    name: draft.name.trim(),
    database: { host: hostOf(draft), port: number(draft.databasePort), name: draft.databaseName.trim(), user: draft.databaseUser.trim(), keepForOthers: number(draft.keepForOthers) },
    filestore: draft.filestore.trim(), nodePort: number(draft.nodePort), serviceUid: number(draft.serviceUid), serviceGid: number(draft.serviceUid),
    ...(baseUrl.trim() === '' ? {} : { baseUrl: baseUrl.trim() }),
    ...(databasePassword === '' ? {} : { databasePassword }),
  };
}

/** Which field a part of the contract's arguments comes from, and on which page it stands. */
const fields: Readonly<Record<string, { field: TypedField; step: WizardStep; missing: string }>> = {
  name: { field: 'name', step: 'database', missing: 'Give the cluster a name' },
  'database.host': { field: 'databaseHost', step: 'database', missing: 'Where is PostgreSQL? A name or an address that the hosts reach' },
  'database.port': { field: 'databasePort', step: 'database', missing: 'A number from 1 to 65535' },
  'database.name': { field: 'databaseName', step: 'database', missing: 'Name the database' },
  'database.user': { field: 'databaseUser', step: 'database', missing: 'Name the role that owns the database' },
  'database.keepForOthers': { field: 'keepForOthers', step: 'database', missing: 'A number, 0 or more' },
  databasePassword: { field: 'databasePassword', step: 'database', missing: '' },
  filestore: { field: 'filestore', step: 'filestore', missing: 'Where is the share mounted on the hosts?' },
  nodePort: { field: 'nodePort', step: 'filestore', missing: 'A number from 1024 to 65535' },
  serviceUid: { field: 'serviceUid', step: 'filestore', missing: 'A number from 100 to 2000000000' },
  baseUrl: { field: 'baseUrl', step: 'filestore', missing: 'An address that begins with http:// or https://' },
};

export type Problems = Partial<Record<DraftField, { readonly step: WizardStep; readonly text: string }>>;

/** What is wrong with the draft, by field. The contract's own rules decide, so that nothing is refused later that was taken here. */
export function problemsOf(draft: ClusterDraft): Problems {
  const problems: Problems = {};
  const found = newLanCluster.safeParse(toCluster({ ...draft, moreServers: [] }));
  for (const issue of found.error?.issues ?? []) {
    const entry = fields[issue.path.join('.')];
    if (entry === undefined) continue;
    const empty = draft[entry.field].trim() === '';
    const own = issue.code === 'invalid_format' && !empty && entry.field !== 'baseUrl';
    problems[entry.field] ??= { step: entry.step, text: own ? sentence(issue.message) : entry.missing };
  }
  const wrongServer = draft.moreServers.map((_, at) => serverProblem(draft, at + 1)).map(({ host, port }) => host ?? port).find((text) => text !== null);
  if (wrongServer !== undefined) problems.moreServers = { step: 'database', text: wrongServer };
  if (draft.hostIds.length === 0) problems.hostIds = { step: 'hosts', text: 'Choose at least one host' };
  if (hasBalancerHost(draft)) {
    if (draft.balancerHostId === '') problems.balancerHostId = { step: 'balancer', text: 'Choose the host that it runs on' };
    const port = number(draft.balancerPort);
    if (!(port >= 1 && port <= 65_535)) problems.balancerPort = { step: 'balancer', text: 'A number from 1 to 65535' };
    else if (port === number(draft.nodePort) && draft.hostIds.includes(draft.balancerHostId)) problems.balancerPort = { step: 'balancer', text: `The node on this host listens on ${port} already` };
  }
  return problems;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Whether the app is to keep a balancer on a host in step with the nodes. */
export function hasBalancerHost({ balancer }: Pick<ClusterDraft, 'balancer'>): boolean {
  return balancer !== 'none' && balancer !== 'export';
}

/** What is to stand in front, as the control room takes it; undefined where the app keeps nothing there. */
export function toBalancer({ balancer, balancerHostId, balancerPort }: ClusterDraft): ArgsOf<'newCluster.plan'>['balancer'] {
  return balancer === 'none' || balancer === 'export' ? undefined : { hostId: balancerHostId, product: balancer, options: { listen: { port: number(balancerPort) } } };
}

/** The first page that is not right yet; the review when all are. */
export function firstOpenStep(problems: Problems): WizardStep {
  const open = new Set(Object.values(problems).map(({ step }) => step));
  return wizardSteps.find((step) => open.has(step)) ?? 'review';
}

/** What may be kept of a draft while the window is open: everything but the password. */
export function withoutSecrets(draft: ClusterDraft): ClusterDraft {
  return { ...draft, databasePassword: '' };
}
