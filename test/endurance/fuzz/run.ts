import { Random } from '../../chaos/random.ts';
import type { TestCluster } from '../../harness/cluster.ts';
import { logDigest } from '../log-digest.ts';
import type { Outcome } from '../outcome.ts';
import { MemoryWatch, residentMiB } from './memory.ts';
import { Mutation } from './mutation.ts';
import { RawConnection, type RawAnswer } from './raw-connection.ts';
import { prepare } from './repositories.ts';
import { isWellFormed, wireFormat, type FuzzRequest } from './request.ts';
import { targets } from './targets/index.ts';
import { startDamagedUpstream } from './upstream.ts';

export interface FuzzRun {
  readonly seed: number;
  /** number of the first request; each follows from seed and number alone */
  readonly from: number;
  /** ends after so many requests … */
  readonly count: number;
  /** … or so many seconds, whichever comes first */
  readonly seconds: number;
  readonly connections: number;
}

/** Codes with which a node may answer 5xx: it says that it, or what it depends on, cannot serve now. */
const declared = new Set(['503 OVERLOADED', '503 FILESTORE_UNAVAILABLE', '503 NOT_SERVING', '503 DATABASE_UNAVAILABLE', '503 NO_MASTER', '507 FILESTORE_FULL']);

/** How much a node may have grown when nothing is asked any more, MiB: its caches (`cache.*`), code that has been compiled, and slack of the heap. */
const growthMiB = 450;

/** The request with this number, and where it was drawn. */
export function draw(seed: number, number: number): { readonly name: string; readonly request: FuzzRequest } {
  const mutation = new Mutation(new Random(seed).branch(number));
  const name = mutation.random.pick(Object.keys(targets))!;
  return { name, request: targets[name]!(mutation) };
}

/** Sends damaged requests to one node until time or count is over. */
export async function fuzz(cluster: TestCluster, run: FuzzRun, say: (line: string) => void = () => undefined): Promise<Outcome> {
  const node = cluster.nodes[0]!;
  const pid = node.pid!;
  await using upstream = await startDamagedUpstream(run.seed);
  await prepare(node.client, upstream.url);
  const authorization = `Bearer ${await tokenOf(cluster)}`;
  const memory = new MemoryWatch(pid);
  const statuses = new Map<string, number>();
  const failures = new Map<string, string>();
  const counts = new Map<string, number>();
  const begun = performance.now();
  const end = begun + run.seconds * 1000;
  const before = await residentMiB(pid);
  let next = run.from;
  let gone = false;
  const work = async (): Promise<void> => {
    const connection = new RawConnection(node.port);
    while (!gone && next < run.from + run.count && performance.now() < end && failures.size < 40) {
      const number = next++;
      const { name, request } = draw(run.seed, number);
      const signed = request.headers.some(([header]) => header === 'Authorization') ? request : { ...request, headers: [['Authorization', authorization] as const, ...request.headers] };
      const answer = await connection.ask(wireFormat(signed, `127.0.0.1:${String(node.port)}`), request.method, request.declaredLength !== undefined || request.broken === true || !isWellFormed(signed));
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const status = answer.kind === 'answer' ? String(answer.status) : answer.kind;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const wrong = judge(name, signed, answer);
      if (answer.kind !== 'answer' && !await serves(node.client)) gone = true;
      const what = `${name} ${wrong?.slice(0, 60) ?? ''}`;
      if (wrong !== null && !failures.has(what)) {
        failures.set(what, `#${String(number)} ${name}: ${wrong}; ${request.method} ${request.target.slice(0, 300)} ${JSON.stringify(request.headers).slice(0, 400)} ${String(request.body.length)} bytes ${JSON.stringify(request.body.toString('latin1').slice(0, 200))}`);
        say([...failures.values()].at(-1)!);
      }
      if (number % 5000 === 0 && number > run.from) say(`${String(number - run.from)} requests, ${String(await memory.look())} MiB`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: run.connections }, work));
  const seconds = (performance.now() - begun) / 1000;
  const found = [...failures.values()];
  if (node.pid !== pid || !await serves(node.client)) found.push(`the node has ended, or does not serve any more; its last words:\n${(await node.log()).trimEnd().split('\n').slice(-12).map((line) => line.slice(0, 1200)).join('\n')}`);
  const after = await settled(memory, before + growthMiB);
  memory.stop();
  if (after > before + growthMiB) found.push(`the node grew from ${String(before)} to ${String(after)} MiB`);
  const log = await node.log();
  const fatal = log.split('\n').filter((line) => line.includes('"level":60') || (line !== '' && !line.startsWith('{')));
  if (fatal.length > 0) found.push(`the log holds ${String(fatal.length)} lines of a crash: ${fatal[0]!.slice(0, 300)}`);
  for (const line of await logDigest(cluster)) say(line);
  return {
    facts: {
      requests: `${String(next - run.from)} in ${seconds.toFixed(0)} s, numbers from ${String(run.from)}`,
      answers: [...statuses].sort().map(([status, count]) => `${status} ${String(count)}`).join(', '),
      targets: [...counts].map(([name, count]) => `${name} ${String(count)}`).join(', '),
      memory: `${String(before)} MiB before, ${String(memory.peak)} at most, ${String(after)} after`,
    },
    failures: found,
  };
}

/** Damaged credentials lock passwords out, and nothing but refusals would be looked at any more; a token goes on. */
async function tokenOf(cluster: TestCluster): Promise<string> {
  const made = await cluster.nodes[0]!.client.post('/api/security/token', { username: cluster.admin.user, scope: 'applied-permissions/admin', expires_in: 0 });
  if (made.status !== 200) throw new Error(`no token: ${String(made.status)}`);
  return (made.json() as { access_token: string }).access_token;
}

async function serves(client: TestCluster['nodes'][number]['client']): Promise<boolean> {
  return client.get('/api/system/ping').then(({ status }) => status === 200, () => false);
}

/** A node gives back what it does not need once it has been left alone for some ten seconds. @returns MiB: no more than `enough`, or the least that was seen in thirty seconds */
async function settled(memory: MemoryWatch, enough: number): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 60 && least > enough; look += 1) {
    least = Math.min(least, await memory.look());
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return least;
}

/** What is wrong with an answer; null when nothing is. */
function judge(name: string, request: FuzzRequest, answer: RawAnswer): string | null {
  if (answer.kind === 'silent') return 'no answer';
  if (answer.kind === 'closed') return isWellFormed(request) ? 'the connection was closed without an answer' : null;
  const { status, body } = answer;
  if (status < 400) return null;
  const said = body.toString('utf8');
  const code = /"code" *: *"([A-Za-z_]+)"/.exec(said)?.[1] ?? '';
  if (status < 500) return request.method === 'HEAD' || code !== '' || !isWellFormed(request) ? null : `${String(status)} without a code: ${said.slice(0, 200)}`;
  // a gateway says so when what is behind it sends nonsense
  if ((status === 502 || status === 504) && (code.startsWith('UPSTREAM_') || request.method === 'HEAD') && (name === 'upstreams' || request.target.includes('remote') || request.target.includes('virtual'))) return null;
  // an answer to HEAD has no body that could name a code
  if (status === 503 && request.method === 'HEAD') return null;
  return declared.has(`${String(status)} ${code}`) ? null : `${String(status)} ${code === '' ? said.slice(0, 200) : code}`;
}
