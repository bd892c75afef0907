import type { HostReleases } from './host-releases.ts';

export interface Keeping {
  /** the release that is to run */
  readonly to: string;
  /** how many former releases stay on each host besides it, at least 1: the one to go back to */
  readonly former: number;
  /** least migration that a bundle has to know to serve the schema */
  readonly servesFrom: number;
}

interface Ranked {
  readonly name: string;
  readonly version: readonly number[];
  /** some host runs it: a rollback of this upgrade leads to it */
  readonly runs: boolean;
  readonly serves: boolean;
  /** newest installation of it, seconds since 1970 */
  readonly since: number;
}

/**
 * Releases that each host can do without once everybody runs `to`, by node. What some host runs now comes first of those that stay, then
 * those that the schema serves, then the newest. The order is the cluster's, so that hosts keep the same ones and a way back stays one
 * that all of them have. A release that is there and does not say what it is is left alone; what is left of an upload that was cut is not.
 */
export function releasesToRemove(hosts: readonly HostReleases[], { to, former, servesFrom }: Keeping): Map<string, string[]> {
  const order = [...new Set(hosts.flatMap(({ releases }) => releases.map(({ name }) => name)))]
    .filter((name) => name !== to).map((name) => ranked(name, hosts, servesFrom)).sort(before).map(({ name }) => name);
  return new Map(hosts.map(({ nodeId, current, releases, incomplete }) => {
    const there = order.filter((name) => releases.some((each) => each.name === name));
    const gone = [...there.slice(Math.max(1, former)), ...incomplete];
    return [nodeId, gone.filter((name) => name !== current && name !== to)];
  }));
}

function ranked(name: string, hosts: readonly HostReleases[], servesFrom: number): Ranked {
  const said = hosts.flatMap(({ releases }) => releases.filter((each) => each.name === name));
  return {
    name, version: (said[0]?.version ?? '').split(/[.-]/).map((part) => Number(part) || 0), runs: hosts.some(({ current }) => current === name),
    serves: said.some(({ schema }) => schema !== null && schema >= servesFrom), since: Math.max(...said.map((each) => each.since)),
  };
}

function before(a: Ranked, b: Ranked): number {
  const [[majorA = 0, minorA = 0, patchA = 0], [majorB = 0, minorB = 0, patchB = 0]] = [a.version, b.version];
  return Number(b.runs) - Number(a.runs) || Number(b.serves) - Number(a.serves)
    || majorB - majorA || minorB - minorA || patchB - patchA || b.since - a.since || a.name.localeCompare(b.name);
}
