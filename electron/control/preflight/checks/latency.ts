import { databaseServers, serverAddress } from '../../../../server-bundle/contract/index.ts';
import { passed, plannedOf, warning, whenPlanned, type Check, type Probe } from '../check.ts';
import { endpointOf } from '../tcp.ts';

/** Every write asks the database several times, and the other nodes once. Milliseconds for making a connection. */
const tolerable = { database: 5, node: 10 } as const;

/** The quickest of five connections, in microseconds; nothing when there is none. */
const measure = `
best=
for attempt in 1 2 3 4 5; do
  begin=$(date +%s%N)
  (exec 3<> "/dev/tcp/$1/$2") 2> /dev/null || exit 1
  took=$(( ($(date +%s%N) - begin) / 1000 ))
  [ -n "$best" ] && [ "$best" -le "$took" ] || best=$took
done
echo "$best"
`;

export const latency: Check = {
  id: 'latency',
  category: 'network',
  applicable: whenPlanned,
  async check(context) {
    const { database } = plannedOf(context);
    const servers = databaseServers(database.host, database.port) ?? [];
    const asked = [
      ...servers.map((server) => ({ what: servers.length === 1 ? 'the database' : `the database at ${serverAddress(server)}`, limit: tolerable.database, ...server })),
      ...context.others.flatMap(({ name, url }) => (url === null ? [] : [{ what: name, limit: tolerable.node, ...endpointOf(url) }])),
    ];
    const found: { what: string; limit: number; ms: number | null }[] = [];
    // one after the other: side by side they would measure each other
    for (const { what, limit, host, port } of asked) found.push({ what, limit, ms: await connectMs(context.probe, host, port) });
    const known = found.flatMap(({ what, limit, ms }) => (ms === null ? [] : [{ what, limit, ms }]));
    const text = known.map(({ what, ms }) => `${what} ${ms.toFixed(1)} ms`).join(', ');
    if (known.some(({ ms, limit }) => ms > limit)) return warning(`Slow to reach: ${text}`, 'Put nodes and database into one site: each write waits for several round trips.');
    return passed(known.length === 0 ? 'Nothing answers yet whose latency could be measured' : `Connections take: ${text}`);
  },
};

async function connectMs(probe: Probe, host: string, port: number): Promise<number | null> {
  const { exitCode, stdout } = await probe('timeout', '3', 'bash', '-c', measure, 'bash', host, String(port));
  const micros = Number(stdout.trim());
  return exitCode === 0 && stdout.trim() !== '' && Number.isFinite(micros) ? micros / 1000 : null;
}
