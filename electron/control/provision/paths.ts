/** Where things lie on a host. Nothing of Bulkhead is anywhere else, except the filestore and the journal. */
export const paths = {
  home: '/opt/bulkhead',
  releases: '/opt/bulkhead/releases',
  /** symbolic link to the release that runs */
  current: '/opt/bulkhead/current',
  config: '/etc/bulkhead',
  configFile: '/etc/bulkhead/node.yaml',
  clusterKey: '/etc/bulkhead/cluster.key',
  databasePassword: '/etc/bulkhead/database.password',
  /** releases on their way out */
  releasesRemoved: '/opt/bulkhead/removed',
  /** records of upgrades, beside what runs now */
  state: '/var/lib/bulkhead',
  unitFile: '/etc/systemd/system/bulkhead-node.service',
  /** settings of the journal that the node has to itself */
  journalFile: '/etc/systemd/journald@bulkhead.conf',
  /** goes with a reboot, as whoever held it then has */
  lock: '/run/bulkhead.lock',
  /** of its own: a host may carry a node and a balancer, and the node's run waits for the balancer's */
  balancerLock: '/run/bulkhead-balancer.lock',
  /** what works on a balancer holds a flock on this file, and goes on when its app is gone */
  balancerBusy: '/run/bulkhead-balancer.busy',
} as const;

export const unitName = 'bulkhead-node.service';
/** Journal namespace of the node (systemd 245 and later). */
export const journalNamespace = 'bulkhead';
export const serviceUser = 'bulkhead';

export function releaseFolder(release: string): string {
  return `${paths.releases}/${release}`;
}

/** What a run keeps on the host to be able to undo itself; there only when something was replaced. */
export function runFolder(runId: string): string {
  return `${paths.home}/runs/${runId}`;
}
