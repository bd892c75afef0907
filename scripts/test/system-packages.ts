import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Need } from './levels.ts';

interface Requirement {
  /** Debian packages that bring it */
  readonly packages: readonly string[];
  /** true when it is there already, from whatever source */
  readonly present: () => boolean;
  /** what its packages start by themselves and nobody has asked for */
  readonly services?: readonly string[];
}

function inPath(...programs: string[]): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return programs.some((program) => folders.some((folder) => existsSync(join(folder, program))));
}

const mavenPlugins = ['compiler', 'resources', 'jar', 'install', 'deploy', 'surefire'];
const mavenRepository = '/usr/share/maven-repo';

export const requirements: Readonly<Record<Need, Requirement>> = {
  chromium: {
    packages: ['chromium', 'fonts-dejavu-core'],
    present: () => inPath('chromium', 'google-chrome') || process.env['CHROMIUM_PATH'] !== undefined,
  },
  maven: {
    // a JDK, not only a runtime: the builds compile; plugins and what they need come from Debian's own repository
    packages: [
      'maven', 'default-jdk-headless', 'libmaven-compiler-plugin-java', 'libmaven-resources-plugin-java', 'libmaven-jar-plugin-java',
      'libmaven-install-plugin-java', 'libmaven-deploy-plugin-java', 'libsurefire-java', 'junit4',
    ],
    present: () => inPath('mvn') && inPath('javac') && existsSync(`${mavenRepository}/junit/junit`) &&
      mavenPlugins.every((plugin) => existsSync(`${mavenRepository}/org/apache/maven/plugins/maven-${plugin}-plugin`)),
  },
  ivy: { packages: ['ivy', 'ant'], present: () => inPath('ant') && existsSync('/usr/share/java/ivy.jar') },
  setpriv: { packages: ['util-linux'], present: () => process.platform !== 'linux' || inPath('setpriv') },
  ps: { packages: ['procps'], present: () => inPath('ps') },
  // machines in containers: root with all its rights on Linux, and nothing less
  'lan-hosts': {
    packages: ['systemd-container', 'debootstrap', 'openssh-server', 'iproute2', 'mount'],
    present: () => inPath('systemd-nspawn') && inPath('debootstrap') && inPath('ssh-keygen') && inPath('ip') && mayAdministrate(),
  },
  // never started as services: a test runs each with a configuration of its own
  balancers: {
    packages: ['nginx', 'haproxy', 'apache2', 'openssl'],
    present: () => ['nginx', 'haproxy', 'apache2'].every((program) => existsSync(`/usr/sbin/${program}`)) && inPath('openssl'),
    services: ['nginx', 'haproxy', 'apache2'],
  },
  // what nodes must refuse to stand behind
  pgbouncer: { packages: ['pgbouncer'], present: () => existsSync('/usr/sbin/pgbouncer'), services: ['pgbouncer'] },
  // pip builds source archives with what is installed: there is no network to fetch tools from
  'python-clients': {
    packages: ['twine', 'python3-pip', 'python3-setuptools', 'python3-wheel'],
    present: () => inPath('twine') && ['pip', 'setuptools', 'wheel'].every((module) => existsSync(`/usr/lib/python3/dist-packages/${module}`)),
  },
  skopeo: { packages: ['skopeo'], present: () => inPath('skopeo') },
  // what a remote repository of images stands in for; a test runs one with a configuration of its own
  'docker-registry': { packages: ['docker-registry'], present: () => inPath('docker-registry'), services: ['docker-registry'] },
  // Prometheus's own checker of rules comes with the server, which is not wanted here
  promtool: { packages: ['prometheus'], present: () => inPath('promtool'), services: ['prometheus'] },
  curl: { packages: ['curl'], present: () => inPath('curl') },
};

/** CAP_SYS_ADMIN and CAP_NET_ADMIN, which root inside a container often lacks. */
function mayAdministrate(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '')?.[1];
  const needed = (1n << 21n) | (1n << 12n);
  return effective !== undefined && (BigInt(`0x${effective}`) & needed) === needed;
}

export function missingOf(needs: Iterable<Need>): Need[] {
  return [...new Set(needs)].filter((need) => !requirements[need].present());
}

/** The command that installs what is missing, for people to copy. */
export function installCommand(missing: readonly Need[]): string {
  const packages = [...new Set(missing.flatMap((need) => requirements[need].packages))];
  return `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

function isDebian(): boolean {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Installs what is missing where that can be done: root on Debian or Ubuntu. Resolves to what is missing still.
 *
 * @param say told what happens, one line at a time
 */
export function provide(needs: Iterable<Need>, say: (line: string) => void): Need[] {
  const missing = missingOf(needs);
  if (missing.length === 0 || process.getuid?.() !== 0 || !isDebian()) return missing;
  const command = installCommand(missing);
  say(`installing what the tests need: ${command}`);
  // another installation may hold the lock of dpkg
  const lock = '-o DPkg::Lock::Timeout=300';
  const script = `apt-get ${lock} -q update && ${command.replace('apt-get', `apt-get ${lock} -q`)}`;
  const done = spawnSync('sh', ['-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.status !== 0) say(`it failed:\n${`${done.stdout}${done.stderr}`.trim().split('\n').slice(-15).join('\n')}`);
  const services = missing.flatMap((need) => requirements[need].services ?? []);
  if (services.length > 0 && existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', '--quiet', '--now', ...services], { stdio: 'ignore' });
  return missingOf(missing);
}
