import type { Learned, NodeDetails, UnitFacts, WatchedHost } from '../../electron/contract/index.ts';
import { formatBytes } from '../format/numbers.ts';

const ways: Record<Learned['how'], string> = { direct: 'by its own word', ssh: 'from its host', 'ssh-http': 'by its own word, through its host', cluster: 'from another node' };

/** "by its own word", "from its host": where a group of facts comes from. */
export function learnedWords(learned: Pick<Learned, 'how'>): string {
  return ways[learned.how];
}

export interface Fact { readonly label: string; readonly value: string; readonly tone?: 'warn' | 'bad' | undefined }

/** systemd's words for the service, with what is out of the ordinary marked. */
export function unitFact(unit: UnitFacts): Fact {
  const plain = `${unit.activeState} (${unit.subState})`;
  if (unit.activeState === 'failed' || unit.activeState === 'not-found') return { label: 'Service', value: unit.result === 'success' ? plain : `${plain}, ${unit.result}`, tone: 'bad' };
  return { label: 'Service', value: plain, tone: unit.activeState === 'active' ? undefined : 'warn' };
}

type Disks = NonNullable<WatchedHost['facts']>['disks'];

const nearlyFull = 0.9;

/** One line for each file system; two purposes on the same one are one line. */
export function diskFacts(disks: Disks): Fact[] {
  const mounts = new Map<string, Disks>();
  for (const disk of disks) mounts.set(disk.mount, [...(mounts.get(disk.mount) ?? []), disk]);
  return [...mounts].flatMap(([mount, [first]]) => {
    if (first === undefined) return [];
    const used = 1 - first.availableBytes / Math.max(1, first.totalBytes);
    return [{ label: `Disk ${mount}`, value: `${formatBytes(first.availableBytes)} free of ${formatBytes(first.totalBytes)}`, tone: used > nearlyFull ? 'warn' as const : undefined }];
  });
}

const clockWarnsMs = 500;

/** The host's clock against the database's: "+3 ms ± 1". Uncertainty that is larger than the offset is said, not hidden. */
export function clockFact(clock: NodeDetails['clock']): Fact {
  if (clock === null) return { label: 'Clock against database', value: 'not known' };
  const offset = Math.round(clock.offsetMs);
  const sign = offset > 0 ? '+' : offset < 0 ? '−' : '±';
  return { label: 'Clock against database', value: `${sign}${Math.abs(offset)} ms, give or take ${Math.max(1, Math.round(clock.uncertaintyMs))}`, tone: Math.abs(clock.offsetMs) - clock.uncertaintyMs > clockWarnsMs ? 'warn' : undefined };
}

/** What runs, and what the next start would run when that is something else. */
export function versionFacts(version: NodeDetails['version']): Fact[] {
  const installed = version.installed;
  const other = installed !== null && version.running !== null && !installed.startsWith(`${version.running}-`) && installed !== version.running;
  return [
    { label: 'Runs', value: version.running ?? 'nothing' },
    { label: 'Next start', value: installed ?? 'not known', tone: other ? 'warn' : undefined },
    { label: 'On the host', value: version.releases.length === 0 ? 'no release' : version.releases.join(', ') },
  ];
}
