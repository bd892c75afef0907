import type { HostTestReport } from '../../contract/index.ts';
import type { SshSession } from '../ssh/index.ts';

type Facts = NonNullable<HostTestReport['facts']>;

const lookScript = `
echo "hostname=$(uname -n)"
(. /etc/os-release 2>/dev/null; echo "os=\${PRETTY_NAME:-$(uname -s)}")
echo "kernel=$(uname -r)"
echo "cpu=$(uname -m)"
echo "cpus=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)"
echo "memoryKib=$(while read -r name value rest; do [ "$name" = MemTotal: ] && echo "$value"; done < /proc/meminfo)"
[ -d /run/systemd/system ] && echo "systemd=$(systemctl --version | { read -r name version rest; echo "$version"; })"
echo "now=$(date +%s.%N)"
`;

/** What the host says about itself; as the login user. */
export async function readFacts(session: SshSession): Promise<Facts> {
  const before = Date.now();
  const { stdout } = await session.run({ script: lookScript }, { timeoutMs: 30_000 });
  const after = Date.now();
  const values = new Map(stdout.split('\n').map((line) => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1).trim()] as const;
  }));
  const text = (name: string): string | null => values.get(name) || null;
  const number = (name: string): number | null => (text(name) === null || Number.isNaN(Number(text(name))) ? null : Number(text(name)));
  const memory = number('memoryKib');
  const cpus = number('cpus');
  return {
    hostname: text('hostname') ?? '', os: text('os') ?? '', kernel: text('kernel') ?? '', cpu: text('cpu') ?? '',
    cpus: cpus === null ? null : Math.trunc(cpus), memoryBytes: memory === null ? null : memory * 1024, systemd: text('systemd'),
    clockAheadSeconds: aheadOf(number('now'), before, after),
  };
}

/** The host looked at its clock at some moment of the call: what lies within it counts as none. */
function aheadOf(now: number | null, before: number, after: number): number | null {
  if (now === null) return null;
  const ahead = now * 1000 > after ? now * 1000 - after : now * 1000 < before ? now * 1000 - before : 0;
  return Math.round(ahead / 100) / 10;
}
