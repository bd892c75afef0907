import { bundleVersion } from '../../../server-bundle/contract/index.ts';

/** What one host has said of its releases. */
export interface HostReleases {
  readonly nodeId: string;
  readonly hostId: string;
  readonly host: string;
  /** why it could not be asked; null when it answered */
  readonly problem: string | null;
  readonly current: string | null;
  readonly cpu: 'x64' | 'arm64' | null;
  readonly releases: readonly { readonly name: string; readonly version: string; readonly schema: number | null; /** installed, seconds since 1970 */ readonly since: number }[];
  /** folders among its releases without a program in them: an upload was cut */
  readonly incomplete: readonly string[];
}

/** What `listReleases` printed. */
export function releasesIn(text: string): Pick<HostReleases, 'current' | 'releases' | 'incomplete' | 'cpu'> {
  let current: string | null = null;
  let cpu: HostReleases['cpu'] = null;
  const releases: HostReleases['releases'][number][] = [];
  const incomplete: string[] = [];
  for (const line of text.split('\n')) {
    const [what, name = '', ...rest] = line.split(' ');
    if (what === 'current') current = name;
    if (what === 'cpu') cpu = name === 'x86_64' ? 'x64' : name === 'aarch64' ? 'arm64' : null;
    if (what !== 'release') continue;
    const [since = '0', ...json] = rest;
    const said = bundleVersion.safeParse(parsed(json.join(' ')));
    if (said.success) releases.push({ name, version: said.data.version, schema: said.data.schema ?? null, since: Number(since) });
    else if (json[0] === 'incomplete') incomplete.push(name);
  }
  return { current: releases.some(({ name }) => name === current) ? current : null, cpu, releases, incomplete };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
