import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../harness/wait-for.ts';
import { cacheFolder, users } from './constants.ts';
import { tryToHold } from './named-lock.ts';
import { askNow, run, runWith } from './system.ts';

const packages = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'iproute2', 'nftables', 'faketime', 'sudo', 'ca-certificates'];
/** What other kinds of host have installed beside that. Only the database starts by itself: the balancers would fight for the same ports. */
const additions = {
  plain: [],
  balancer: ['nginx', 'haproxy', 'apache2'],
  pooler: ['pgbouncer'],
  database: ['postgresql'],
  shells: ['fish', 'tcsh'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type ImageName = keyof typeof additions;

/** nobody waits for them, and they would cost time at every boot */
const masked = [
  'apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer',
  'console-getty.service', 'getty.target', 'systemd-networkd-wait-online.service', 'systemd-timesyncd.service', 'systemd-update-utmp.service',
];

/**
 * The folder with a Debian: sshd, systemd, sudo, and the lab's users; no key of its own. Each is made once (a bare one takes about a
 * minute, from the packages of this machine's own mirror) and kept; hosts lay their changes over it.
 */
export async function image(name: ImageName, say: (line: string) => void): Promise<string> {
  const path = pathOf(name);
  if (await exists(path)) return path;
  const hold = await waitFor('another lab to have made its image', () => tryToHold('bulkhead-lab-images'), { timeoutMs: 600_000, everyMs: 200 });
  const draft = `${path}.draft-${process.pid}`;
  try {
    if (await exists(path)) return path;
    const base = pathOf('plain');
    await mkdir(cacheFolder, { recursive: true });
    if (!await exists(base)) {
      say(`making the base image of the lab: Debian ${release()} (once)`);
      await run('debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, release(), draft, ...mirror());
      await furnish(draft);
      await rename(draft, base);
    }
    if (name !== 'plain') {
      say(`making the image of a ${name} (once)`);
      await run('cp', '--archive', '--reflink=auto', base, draft);
      await install(draft, additions[name]);
      await rename(draft, path);
    }
    return path;
  } finally {
    await rm(draft, { recursive: true, force: true });
    hold.release();
  }
}

function pathOf(name: ImageName): string {
  const recipe = JSON.stringify({ release: release(), packages, masked, users, additions: additions[name], version: 4 });
  return join(cacheFolder, `${name}-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`);
}

/** Adds packages of this machine's own mirror: chosen and fetched from outside, because an image has no network. */
async function install(root: string, names: readonly string[]): Promise<void> {
  const fetched = join(root, 'var/cache/apt/archives');
  const apt = [
    '-q', '-o', `Dir::State::status=${join(root, 'var/lib/dpkg/status')}`, '-o', `Dir::State::extended_states=${join(root, 'var/lib/apt/extended_states')}`,
    '-o', `Dir::Cache::archives=${fetched}`, '-o', 'APT::Sandbox::User=root', ...await otherSources(root),
  ];
  const fetch = (): Promise<string> => run('apt-get', ...apt, '-y', '--no-install-recommends', '--download-only', 'install', ...names);
  await fetch().catch(async () => {
    await run('apt-get', ...apt, 'update');
    return fetch();
  });
  // a database in UTF-8, whatever the language of this machine
  await mkdir(join(root, 'etc/postgresql-common'), { recursive: true });
  await writeFile(join(root, 'etc/postgresql-common/createcluster.conf'), "initdb_options = '--locale=C.UTF-8 --encoding=UTF8'\n");
  // dpkg knows no order among them: what one of them could not do without is there the next time
  await inside(root, 'sh', '-c', 'export DEBIAN_FRONTEND=noninteractive; for attempt in 1 2 3; do dpkg --install --skip-same-version --recursive /var/cache/apt/archives && exit 0; done; exit 1');
  await inside(root, 'sh', '-c', 'systemctl disable --quiet nginx haproxy apache2 pgbouncer 2> /dev/null; rm -rf /var/cache/apt/archives/*.deb /var/cache/apt/*.bin');
}

/** Runs a command within an image. It does not hear of a temp folder that exists outside only: maintainer scripts would write there. */
function inside(root: string, ...command: readonly string[]): Promise<string> {
  return run('env', '--unset=TMPDIR', 'chroot', root, ...command);
}

async function furnish(root: string): Promise<void> {
  for (const { name, password } of Object.values(users)) {
    await inside(root, 'useradd', '--create-home', '--shell', '/bin/bash', name);
    runWith(`${name}:${password}\n`, 'chroot', root, 'chpasswd');
  }
  await writeFile(join(root, 'etc/sudoers.d/lab'), `${users.ops.name} ALL=(ALL) NOPASSWD: ALL\n${users.careful.name} ALL=(ALL) ALL\n`, { mode: 0o440 });
  // sudo wants to find its own name; sshd would say this at every login
  await writeFile(join(root, 'etc/motd'), '');
  await inside(root, 'systemctl', 'mask', '--quiet', ...masked);
  await mkdir(join(root, 'etc/systemd/journald.conf.d'), { recursive: true });
  await writeFile(join(root, 'etc/systemd/journald.conf.d/lab.conf'), '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n');
  await run('sh', '-c', 'rm -rf "$1"/etc/ssh/ssh_host_*_key* "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*', 'sh', root);
}

/** For another Debian than this machine's, apt is to see that one's packages only: what it knows of them is kept in the image. */
async function otherSources(root: string): Promise<string[]> {
  if (release() === ownRelease()) return [];
  const list = join(root, 'etc/apt/sources.list');
  const [from] = mirror();
  if (from === undefined) throw new Error(`apt does not say which mirror to take Debian ${release()} from`);
  await writeFile(list, `deb ${from} ${release()} main\n`);
  const lists = join(root, 'var/lib/apt/lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  return ['-o', `Dir::Etc::sourcelist=${list}`, '-o', 'Dir::Etc::sourceparts=-', '-o', `Dir::State::lists=${lists}`, '-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='];
}

/** What the hosts run: BULKHEAD_LAB_RELEASE, as in `trixie`, or what this machine has. */
function release(): string {
  const chosen = process.env['BULKHEAD_LAB_RELEASE'] ?? '';
  return /^[a-z]+$/.test(chosen) ? chosen : ownRelease();
}

/** The release of this machine, where it is a Debian; its mirror has that one for certain. */
function ownRelease(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^ID=debian$/m.test(text) ? /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? 'bookworm' : 'bookworm';
}

/** The mirror that apt uses here; debootstrap's own choice when it cannot be told. */
function mirror(): string[] {
  const addresses = askNow('apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', `Codename: ${ownRelease()}`);
  const [first] = addresses.split('\n').filter((line) => /^https?:/.test(line) && !line.includes('security'));
  return first === undefined ? [] : [first];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
