import type { DatabaseFacts } from '../../contract/index.ts';

/** What is planned for a host, as far as checks need it. Without it only the host itself is checked. */
export interface PlannedNode {
  readonly clusterName: string;
  readonly nodeId: string;
  /** where the other nodes and the balancer are to reach it */
  readonly url: string;
  readonly listen: { readonly port: number };
  readonly database: { readonly host: string; readonly port: number; readonly name: string; readonly user: string; readonly pool: { readonly min: number } };
  readonly filestore: string;
  readonly serviceUid: number;
  readonly serviceGid: number;
  /** address of a node that serves already; null when this is the first */
  readonly peerUrl: string | null;
}

export interface ProbeResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command on a host as root; resolves whatever its exit code is. It may change nothing that it does not take back itself. */
export type Probe = (...argv: readonly string[]) => Promise<ProbeResult>;

/** Another host that the planned node will have to do with. */
export interface OtherHost {
  readonly name: string;
  /** `joining`: it becomes a node of the cluster in the same run */
  readonly role: 'node' | 'joining' | 'balancer';
  /** where its node serves; null when it has none yet */
  readonly url: string | null;
  readonly probe: Probe;
}

/** The database as it looks from the host, with the credentials that the node will use. */
export type DatabaseLook =
  | { readonly kind: 'facts'; readonly facts: DatabaseFacts; /** whose clock `facts.clockOffsetMs` is of */ readonly clockOf: 'host' | 'this machine' }
  | { readonly kind: 'refused'; readonly found: string; readonly fix: string }
  /** nothing on the host can sign in yet, and it lets no connection through */
  | { readonly kind: 'later'; readonly reason: string };

export interface CheckContext {
  /** null: the host alone is looked at */
  readonly planned: PlannedNode | null;
  readonly probe: Probe;
  /** The same for what leaves something on the host, and for what takes it away: it comes to its end also when the check is cancelled. */
  readonly probeToEnd: Probe;
  /** hosts of the cluster that answer, without this one */
  readonly others: readonly OtherHost[];
  /** Signs in once, however often it is asked; only while something is planned. */
  readonly database: () => Promise<DatabaseLook>;
  /** SHA-256, in hexadecimal, of the key that the planned node is to get; null while there is no key */
  readonly clusterKeyDigest: () => Promise<string | null>;
}

export interface Finding {
  readonly status: 'passed' | 'warning' | 'failed';
  /** a warning that nobody should pass over unread: provisioning stops at it unless it is accepted by the check's name */
  readonly stops: boolean;
  /** what was found, in one sentence */
  readonly found: string;
  /** how to mend it: commands or advice, the best one first */
  readonly fixes: readonly string[];
}

/** One thing that has to be right. The same checks run before an install and later. */
export interface Check {
  readonly id: string;
  readonly category: 'system' | 'network' | 'database' | 'filestore' | 'service';
  /** false: there is nothing to look at on this host, or nothing is planned yet */
  applicable(context: CheckContext): boolean;
  /** null: nothing can be said, because another check has found what stands in the way */
  check(context: CheckContext): Promise<Finding | null>;
}

export const always = (): boolean => true;
export const whenPlanned = ({ planned }: CheckContext): boolean => planned !== null;
export const whenOthers = ({ planned, others }: CheckContext): boolean => planned !== null && others.length > 0;

export function passed(found: string): Finding {
  return { status: 'passed', stops: false, found, fixes: [] };
}

/** Something that costs comfort or speed: told, and gone past. */
export function warning(found: string, ...fixes: readonly string[]): Finding {
  return { status: 'warning', stops: false, found, fixes };
}

/** Something that can cost data or the service later, and that only a person can know to be right here: it has to be accepted. */
export function risk(found: string, ...fixes: readonly string[]): Finding {
  return { status: 'warning', stops: true, found, fixes };
}

export function failed(found: string, ...fixes: readonly string[]): Finding {
  return { status: 'failed', stops: false, found, fixes };
}

/** What is planned; only for checks that are applicable `whenPlanned`. */
export function plannedOf({ planned }: CheckContext): PlannedNode {
  if (planned === null) throw new Error('the check needs a plan');
  return planned;
}
