import { asRoot, script, type CommandResult, type RemoteCommand } from '../provision/index.ts';
import type { BalancerProduct } from '../../contract/index.ts';
import { namelessSite } from './apache/render.ts';
import type { ProductPlace } from './place.ts';

/** nginx: the file and the address of each site that takes what nobody else has claimed. Nothing else of a configuration is printed: it may hold secrets. */
const nginxSites = 'nginx -T 2> /dev/null | awk \'/^# configuration file /{ file = substr($4, 1, length($4) - 1) } $1 == "listen" && /default_server/ { print file, $2 }\'';
/** Apache: the lines that tell which sites there are, and where. */
const apacheSites = 'apachectl -t -D DUMP_VHOSTS 2> /dev/null || true';

/**
 * Files of other sites that would take, in our place, what is asked for on this port under a name that no site has: nginx refuses a second one, and
 * Apache gives it to whichever it reads first. HAProxy knows none.
 */
export async function sitesInTheWay(product: BalancerProduct, { file }: Pick<ProductPlace, 'file'>, port: number, run: (command: RemoteCommand) => Promise<CommandResult>): Promise<string[]> {
  if (product === 'haproxy') return [];
  const { stdout } = await run(asRoot(...script(`PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"; ${product === 'nginx' ? nginxSites : apacheSites}`)));
  const sites = product === 'nginx' ? defaultsOfNginx(stdout, port)
    // another cluster's would be in the way of ours, or ours of it
    : sitesOfApache(stdout, port).filter((other) => other.file < file || other.isNameless).map((other) => other.file);
  return [...new Set(sites.filter((other) => other !== file))];
}

function defaultsOfNginx(text: string, port: number): string[] {
  return text.split('\n').flatMap((line) => {
    const [, file, at] = /^(\S+) (\S+?);?$/.exec(line) ?? [];
    return file !== undefined && Number(/\d+$/.exec(at ?? '')?.[0] ?? 80) === port ? [file] : [];
  });
}

/** A line that begins an address stands alone, or before those of its sites. */
function sitesOfApache(text: string, port: number): { file: string; isNameless: boolean }[] {
  let isHere = false;
  return text.split('\n').flatMap((line) => {
    const [, at] = /^\S*:(\d+|\*)\s/.exec(line) ?? [];
    if (at !== undefined) isHere = at === '*' || Number(at) === port;
    const [, site] = /\((\/.+):\d+\)\s*$/.exec(line) ?? [];
    return isHere && site !== undefined ? [{ file: site, isNameless: line.includes(` ${namelessSite} `) }] : [];
  });
}
