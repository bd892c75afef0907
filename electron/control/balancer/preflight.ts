import { BlockList, isIP } from 'node:net';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { closedPort, reachFix, tcpWords, tryTcp } from '../preflight/index.ts';
import { asRoot, type CommandResult, type RemoteCommand } from '../provision/index.ts';
import { filesAreThere, listenersOn, ownAddressTowards, productVersion, selinuxAllows } from './commands.ts';
import type { BalancerModel } from './model.ts';
import { sitesInTheWay } from './other-sites.ts';
import type { ProductPlace } from './place.ts';
import { unknownNodes } from './unknown-nodes.ts';

type Run = (command: RemoteCommand) => Promise<CommandResult>;

interface Finding {
  readonly status: 'passed' | 'warning' | 'failed';
  readonly found: string;
  readonly fix?: string;
}

/** What the products have to be at least: HAProxy 2.4 answers, checks and repeats as it is told to, Apache httpd 2.4.25 checks its members. */
const oldest: Readonly<Record<BalancerModel['product'], readonly number[]>> = { nginx: [1, 18], haproxy: [2, 4], apache: [2, 4, 25] };

/** The version in what a product prints about itself; null when there is none. */
export function versionIn(text: string): string | null {
  return /(?:version:?\s+\D{0,12}|nginx\/|Apache\/)(\d+(?:\.\d+)+)/i.exec(text)?.[1] ?? null;
}

/** What the cluster has said of itself, and what this app is about to do. */
export interface Known {
  readonly trustedProxies: readonly string[];
  /** ids of nodes that are about to be taken away */
  readonly leaving: readonly string[];
}

/** Looks at the host, tells what it has found, and refuses what could not end well. Changes nothing. @throws PREFLIGHT_FAILED */
export async function checkBalancerHost(model: BalancerModel, place: ProductPlace, { trustedProxies, leaving }: Known, run: Run, note: (line: string) => void): Promise<void> {
  const findings: Finding[] = [await installed(model, place, run)];
  if (findings[0]?.status === 'passed') {
    findings.push(await port(model, place, run), ...await sites(model, place, run), ...await firewall(model, run), ...await certificate(model, run), ...await selinux(place, run), ...await nodes(model, run), ...await unknown(model, place, leaving, run), ...await trust(model, trustedProxies, run));
  }
  for (const { status, found } of findings) note(`${status}  ${found}`);
  const failed = findings.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return;
  throw new BulkheadError('PREFLIGHT_FAILED', failed.map(({ found }) => found).join('; '), {
    details: failed.map(({ found, fix }) => ({ found, fixes: fix === undefined ? [] : [fix] })),
    hint: failed.map(({ fix }) => fix).filter((fix) => fix !== undefined).join(' Or: ') || 'Nothing was changed.',
  });
}

async function installed({ product, options }: BalancerModel, place: ProductPlace, run: Run): Promise<Finding> {
  const { exitCode, stdout } = await run(productVersion(place));
  if (exitCode === 127) return { status: 'failed', found: `${place.title} is not installed on this host`, fix: `${place.install}${product === 'apache' && options.layout === 'debian' ? '   (where it is called httpd: --layout redhat)' : ''}` };
  const version = versionIn(stdout);
  if (version === null) return { status: 'warning', found: `${place.title} does not tell its version: ${stdout.trim().slice(0, 200)}` };
  if (isOlder(version, oldest[product])) return { status: 'failed', found: `${place.title} ${version} is too old`, fix: `Install ${oldest[product].join('.')} or newer.` };
  return { status: 'passed', found: `${place.title} ${version}` };
}

async function port({ options }: BalancerModel, { program, title }: ProductPlace, run: Run): Promise<Finding> {
  const { port: number } = options.listen;
  const { stdout } = await run(listenersOn(number));
  const others = [...stdout.matchAll(/users:\(\("([^"]+)"/g)].map((found) => found[1]).filter((name) => name !== program);
  if (others.length === 0) return { status: 'passed', found: `Port ${number} is free for ${title}` };
  return { status: 'failed', found: `Port ${number} is taken by ${[...new Set(others)].join(', ')}`, fix: 'Stop it, or choose another port.' };
}

/** The proof is made on this host: a firewall that keeps clients out would not be noticed. Not everybody's clients come from outside. */
async function firewall({ options: { listen: { address, port: number } }, backends }: BalancerModel, run: Run): Promise<Finding[]> {
  const towards = backends.find(({ host }) => isIP(host) !== 0)?.host;
  const own = isIP(address) !== 0 ? address : towards === undefined ? '' : (await run(ownAddressTowards(towards))).stdout.trim();
  if (isIP(own) === 0 || own.startsWith('127.') || own === '::1') return [];
  const cause = await closedPort((...argv) => run(asRoot(...argv)), own, number);
  return cause === null ? [] : [{ status: 'warning', found: `Clients on other hosts may not come through: ${cause.what}. Mend it with: ${cause.fix}` }];
}

/** Without a name of its own the cluster gets what no other site has claimed, and there is one place for that on each port. */
async function sites({ product, options: { serverNames, listen } }: BalancerModel, place: ProductPlace, run: Run): Promise<Finding[]> {
  if (serverNames.length > 0) return [];
  const others = await sitesInTheWay(product, place, listen.port, run);
  if (others.length === 0) return [];
  return [{
    status: 'failed', found: `Another site of ${place.title} takes what comes to port ${listen.port} without a known name: ${others.join(', ')}`,
    fix: 'Give the cluster the names that clients use (--name), choose another port, or take that site away.',
  }];
}

async function certificate({ options: { tls } }: BalancerModel, run: Run): Promise<Finding[]> {
  if (tls === null) return [];
  const { exitCode, stdout } = await run(filesAreThere(tls.certificate, tls.key));
  if (exitCode === 0) return [{ status: 'passed', found: 'Certificate and key are there' }];
  return [{ status: 'failed', found: `${stdout.trim()} is not there, or is empty`, fix: 'Put certificate and key on the host; the app does not carry private keys.' }];
}

async function selinux(place: ProductPlace, run: Run): Promise<Finding[]> {
  const { stdout } = await run(selinuxAllows(place));
  if (stdout.trim() !== 'off') return [];
  return [{ status: 'failed', found: `SELinux keeps ${place.title} from connecting to nodes`, fix: `setsebool -P ${place.selinux} on` }];
}

/** One node that cannot be reached may be down; all of them are a wall in between, or have no way here. */
async function nodes({ backends }: BalancerModel, run: Run): Promise<Finding[]> {
  if (backends.length === 0) return [{ status: 'warning', found: 'The cluster has no nodes yet' }];
  const tried = await Promise.all(backends.map(async ({ nodeId, host, port: number }) => ({ nodeId, answer: await tryTcp((...argv) => run(asRoot(...argv)), host, number) })));
  const missing = tried.flatMap(({ nodeId, answer }) => (answer === 'answers' || answer === 'no bash' ? [] : [`${nodeId} ${tcpWords[answer]}`]));
  if (tried.some(({ answer }) => answer === 'no bash')) return [{ status: 'warning', found: 'There is no bash to try connections to the nodes with' }];
  if (missing.length === 0) return [{ status: 'passed', found: 'Every node can be reached from this host' }];
  return [{
    status: missing.length === backends.length ? 'failed' : 'warning', found: `From this host nodes cannot be reached: ${missing.join(', ')}`,
    fix: reachFix(tried.map(({ answer }) => answer), backends[0]?.port ?? 0),
  }];
}

/** A desktop that has not heard of a node would take it out of the balancer, while it serves. */
async function unknown(model: BalancerModel, place: ProductPlace, leaving: readonly string[], run: Run): Promise<Finding[]> {
  const found = await unknownNodes(model, place, leaving, run);
  if (found.length === 0) return [];
  return [{
    status: 'failed', found: `The balancer passes requests on to ${found.join(' and ')}, which this app does not know: another desktop has added ${found.length === 1 ? 'it' : 'them'}`,
    fix: 'Adopt the cluster again from one of its hosts:  bulkhead cluster adopt HOST',
  }];
}

/** Requests come from an address that the nodes trust: else they take no request id, and a repeated PUT may be done twice. */
async function trust({ backends }: BalancerModel, trustedProxies: readonly string[], run: Run): Promise<Finding[]> {
  const first = backends.find(({ host }) => isIP(host) !== 0);
  if (first === undefined) return [];
  const own = (await run(ownAddressTowards(first.host))).stdout.trim();
  if (isIP(own) === 0 || isTrusted(own, trustedProxies)) return [];
  return [{ status: 'warning', found: `This host comes to the nodes from ${own}, which is not among the proxies that the cluster trusts (${trustedProxies.join(', ') || 'none'})`, fix: `Add ${own} to the trusted proxies, and provision the nodes again.` }];
}

function isTrusted(address: string, ranges: readonly string[]): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [base = '', bits] = range.split('/');
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(base) === 0) continue;
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [at, wanted] of than.entries()) {
    const is = parts[at] ?? 0;
    if (is !== wanted) return is < wanted;
  }
  return false;
}
