import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, users } from './constants.ts';
import { askNow, run, runWith } from './system.ts';

const packages = ['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'iproute2', 'sudo', 'ca-certificates'];
/** nobody waits for them, and they would cost time at every boot */
const masked = [
  'apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer',
  'console-getty.service', 'getty.target', 'systemd-networkd-wait-online.service', 'systemd-timesyncd.service', 'systemd-update-utmp.service',
];

/**
 * The folder with a bare Debian: sshd, systemd, sudo, and the lab's users; no key of its own. Made once (about a minute, from the packages
 * of this machine's own mirror) and kept; hosts lay their changes over it.
 */
export async function baseImage(say: (line: string) => void): Promise<string> {
  const release = codename();
  const recipe = JSON.stringify({ release, packages, masked, users, version: 3 });
  const image = join(cacheFolder, `base-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`);
  if (await exists(image)) return image;
  say(`making the base image of the lab: Debian ${release} (once)`);
  const draft = `${image}.draft-${process.pid}`;
  await mkdir(cacheFolder, { recursive: true });
  try {
    await run('debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, release, draft, ...mirror());
    await furnish(draft);
    await rename(draft, image);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return image;
}

async function furnish(root: string): Promise<void> {
  for (const { name, password } of Object.values(users)) {
    await run('chroot', root, 'useradd', '--create-home', '--shell', '/bin/bash', name);
    runWith(`${name}:${password}\n`, 'chroot', root, 'chpasswd');
  }
  await writeFile(join(root, 'etc/sudoers.d/lab'), `${users.ops.name} ALL=(ALL) NOPASSWD: ALL\n${users.careful.name} ALL=(ALL) ALL\n`, { mode: 0o440 });
  // sudo wants to find its own name; sshd would say this at every login
  await writeFile(join(root, 'etc/motd'), '');
  await run('chroot', root, 'systemctl', 'mask', '--quiet', ...masked);
  await mkdir(join(root, 'etc/systemd/journald.conf.d'), { recursive: true });
  await writeFile(join(root, 'etc/systemd/journald.conf.d/lab.conf'), '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n');
  await run('sh', '-c', 'rm -rf "$1"/etc/ssh/ssh_host_*_key* "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/*', 'sh', root);
}

/** The release of this machine, where it is a Debian; its mirror has that one for certain. */
function codename(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^ID=debian$/m.test(text) ? /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? 'bookworm' : 'bookworm';
}

/** The mirror that apt uses here; debootstrap's own choice when it cannot be told. */
function mirror(): string[] {
  const addresses = askNow('apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages', `Codename: ${codename()}`);
  const [first] = addresses.split('\n').filter((line) => /^https?:/.test(line) && !line.includes('security'));
  return first === undefined ? [] : [first];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
