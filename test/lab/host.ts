import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { descendantsOf, isAlive, killTree, sendSignal, waitUntilGone } from '../harness/processes.ts';
import { waitFor } from '../harness/wait-for.ts';
import { users } from './constants.ts';
import { inOwnGroup } from './control-groups.ts';
import { closedFirewall, Firewall } from './firewall.ts';
import type { ImageName } from './images.ts';
import { NetworkPlace } from './network.ts';
import type { LabSlot } from './slot.ts';
import { sshdConfig } from './sshd-config.ts';
import { run } from './system.ts';

/** How a host differs from a plain Debian with sshd. */
export interface HostOptions {
  readonly name: string;
  /** what is installed on it; default plain. A service of it has to be started before it serves. */
  readonly image?: ImageName;
  /** default 22 */
  readonly sshPort?: number;
  readonly sftp?: boolean;
  /** TCP forwarding; default true */
  readonly forwarding?: boolean;
  /** false: nothing in /tmp can be executed */
  readonly execInTmp?: boolean;
  /** the login shells of the users print before they do anything */
  readonly noisy?: boolean;
  /** /opt is a file system of this size, for example "16m" */
  readonly smallOpt?: string;
  /** of its own disk; default "2g" */
  readonly disk?: string;
  /** accounts that somebody has made before us */
  readonly accounts?: readonly { readonly name: string; readonly uid: number }[];
  /** no IPv4 at all */
  readonly onlyV6?: boolean;
  /** only SSH comes in: an nftables ruleset of the host's own */
  readonly firewall?: boolean;
  /** name of the host over which alone it can be reached from this machine; it reaches everything else */
  readonly behind?: string;
  /** passwords are asked for in a dialog (keyboard-interactive) and accepted in no other way; default false */
  readonly keyboardInteractive?: boolean;
  /** login shell of the users; fish and csh are on the image "shells" */
  readonly shell?: '/usr/bin/fish' | '/bin/csh';
  /** what logins begin with, for example "077" */
  readonly umask?: string;
  /** sshd wants these proofs one after the other, for example "publickey,password" */
  readonly authenticationMethods?: string;
  /** sessions in one connection; sshd's own limit is 10, and guides to hardening name 2 */
  readonly maxSessions?: number;
  /** /srv/bulkhead is a folder of its own: somebody has forgotten to mount the share */
  readonly ownShare?: boolean;
}

/** One machine: own address, own systemd, own sshd. */
export class LabHost {
  readonly name: string;
  readonly options: HostOptions;
  readonly #slot: LabSlot;
  readonly #place: NetworkPlace;
  readonly #image: string;
  readonly #share: string;
  readonly #hosts: () => string;
  #nspawn: ChildProcess | undefined;
  #log = '';

  constructor(slot: LabSlot, index: number, options: HostOptions, image: string, share: string, hosts: () => string) {
    this.name = options.name;
    this.options = options;
    this.#slot = slot;
    this.#place = new NetworkPlace(slot, index, options.onlyV6 === true);
    this.#image = image;
    this.#share = share;
    this.#hosts = hosts;
  }

  get address(): string {
    return this.#place.address;
  }

  get sshPort(): number {
    return this.options.sshPort ?? 22;
  }

  /** its file system, as this machine sees it */
  get root(): string {
    return join(this.#folder, 'root');
  }

  /** Lays its disk and its place on the wire. */
  async prepare(publicKey: string): Promise<void> {
    const [upper, work] = [join(this.#folder, 'upper'), join(this.#folder, 'work')];
    await mkdir(this.#folder, { recursive: true });
    // a disk of its own: one host can be filled, and the others go on
    await run('mount', '-t', 'tmpfs', '-o', `size=${this.options.disk ?? '2g'},mode=755`, 'tmpfs', this.#folder);
    for (const each of [upper, work, this.root, join(this.#folder, 'own-share')]) await mkdir(each, { recursive: true });
    await run('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${this.#image},upperdir=${upper},workdir=${work}`, this.root);
    await this.#place.lay();
    await this.write('etc/hostname', `${this.name}\n`);
    await this.write('etc/hosts', this.#hosts());
    await this.write('etc/machine-id', '');
    await this.write('etc/ssh/sshd_config', sshdConfig(this.options, this.sshPort));
    await this.changeHostKey();
    await this.write('root/.ssh/authorized_keys', publicKey, 0o600);
    for (const { name } of Object.values(users)) {
      await this.write(`home/${name}/.ssh/authorized_keys`, publicKey, 0o600);
      if (this.options.noisy === true) await this.write(`home/${name}/.bashrc`, 'echo "Welcome to $(hostname), have a nice day"\necho "quota: 98 % used" >&2\ntrue\n');
      await run('chroot', this.root, 'chown', '-R', `${name}:${name}`, `/home/${name}`);
    }
    const { shell, umask } = this.options;
    if (shell !== undefined) for (const { name } of Object.values(users)) await run('chroot', this.root, 'usermod', '--shell', shell, name);
    // where logins hide what they make, their homes are closed as well
    if (umask === '077') await run('chroot', this.root, 'chmod', '700', ...Object.values(users).map(({ name }) => `/home/${name}`));
    if (umask !== undefined) await this.write('etc/pam.d/sshd', `${readFileSync(join(this.root, 'etc/pam.d/sshd'), 'utf8')}session required pam_umask.so umask=${umask}\n`);
    for (const { name, uid } of this.options.accounts ?? []) await run('chroot', this.root, 'useradd', '--uid', String(uid), '--user-group', '--create-home', name);
    if (this.options.firewall === true) {
      await this.write('etc/nftables.conf', closedFirewall(this.sshPort), 0o755);
      await run('chroot', this.root, 'systemctl', 'enable', '--quiet', 'nftables');
    }
  }

  /** Boots and resolves when sshd answers. */
  async boot(): Promise<void> {
    await this.#place.join();
    const { execInTmp = true, smallOpt, ownShare } = this.options;
    const share = ownShare === true ? join(this.#folder, 'own-share') : this.#share;
    const child = spawn(...inOwnGroup(`${this.#slot.prefix}${this.name}`, 'systemd-nspawn', [
      '-q', '-D', this.root, '--boot', '--register=no', '--keep-unit', `--machine=${this.#slot.prefix}${this.name}`, '--resolv-conf=off', '--timezone=off',
      `--network-namespace-path=${this.#place.path}`, `--bind=${share}:/srv/bulkhead`, '--console=pipe', '--capability=CAP_NET_ADMIN',
      ...(execInTmp ? [] : ['--tmpfs=/tmp:mode=1777,noexec']), ...(smallOpt === undefined ? [] : [`--tmpfs=/opt:size=${smallOpt}`]),
    ]), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#nspawn = child;
    this.#log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { this.#log = (this.#log + chunk.toString()).slice(-8000); });
    await once(child, 'spawn');
    await waitFor(`${this.name} to answer SSH`, async () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${this.#log}`);
      // sshd may answer before systemd lets anybody but root in
      return (await this.#banner()).startsWith('SSH-') && this.run('test', '!', '-e', '/run/nologin').then(() => true);
    }, { everyMs: 50 }).catch(async (error: unknown) => {
      const jobs = await this.run('systemctl', 'list-jobs').catch(() => '');
      throw new Error(`${this.name} did not boot: ${this.#log}${jobs}`, { cause: error });
    });
    if (this.options.behind !== undefined) await this.cutFrom(this.#slot.gateway, this.#slot.gatewayV6);
  }

  /** The plug is pulled: no more packet leaves, not even those that would tell of the end. */
  async losePower(): Promise<void> {
    await this.#place.cut();
    await this.#kill();
  }

  /** Nothing runs, and nobody is told: connections stay open. */
  freeze(): void {
    for (let count = -1; count !== this.#processes().length;) {
      count = this.#processes().length;
      for (const pid of this.#processes()) sendSignal(pid, 'SIGSTOP');
    }
  }

  thaw(): void {
    for (const pid of this.#processes()) sendSignal(pid, 'SIGCONT');
  }

  /** SIGKILL to the main process of a service. Resolves to what does it: it is looked up before, so that nothing of that counts as time after it. */
  async killerOf(service: string): Promise<() => void> {
    const inside = (await this.run('systemctl', 'show', '--property=MainPID', '--value', service)).trim();
    const pid = this.#processes().find((each) => isAlive(each) && new RegExp(`^NSpid:\\t\\d+\\t${inside}$`, 'm').test(readFileSync(`/proc/${String(each)}/status`, 'utf8')));
    if (pid === undefined) throw new Error(`${service} does not run on ${this.name}`);
    return () => { sendSignal(pid, 'SIGKILL'); };
  }

  /** The link is down; everything on the host goes on. */
  async cutOff(): Promise<void> {
    await this.#place.cut();
  }

  async reconnect(): Promise<void> {
    await this.#place.join();
  }

  /** Nothing passes between it and these addresses any more, and nobody is told; everything else goes on. */
  async cutFrom(...addresses: readonly string[]): Promise<void> {
    for (const each of addresses) await this.#firewall().cut(each);
  }

  async reconnectTo(...addresses: readonly string[]): Promise<void> {
    for (const each of addresses) await this.#firewall().join(each);
  }

  /** What is sent to it takes its time, for a look at what is under way; null: full speed again. */
  async slowDown(megabitsPerSecond: number | null): Promise<void> {
    await this.#place.slowDown(megabitsPerSecond);
  }

  /** Its disk is full, but for `left` bytes. */
  async fillDisk(left = 0): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    await run('fallocate', '-l', String(Math.max(1, bavail * bsize - left)), this.#filler);
  }

  async freeDisk(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  /**
   * `date`, and these services from their next start on, see a clock that is off by so many seconds; 0 sets it right. The kernel's clock
   * is one for all hosts, and sshd's own sandbox does not bear a library that shifts it.
   */
  async skewClock(seconds: number, services: readonly string[] = ['bulkhead-node.service']): Promise<void> {
    const offset = `${seconds < 0 ? '' : '+'}${seconds}s`;
    const library = (await this.run('sh', '-c', 'ls /usr/lib/*/faketime/libfaketime.so.1')).trim();
    const environment = { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_DISABLE_SHM: '1' };
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const dropIns = services.map((service) => `etc/systemd/system/${service}.d/clock.conf`);
    for (const file of ['usr/local/bin/date', ...dropIns]) await rm(join(this.root, file), { force: true });
    if (seconds !== 0) {
      await this.write('usr/local/bin/date', `#!/bin/sh\nexec env ${settings.join(' ')} /bin/date "$@"\n`, 0o755);
      for (const file of dropIns) await this.write(file, ['[Service]', ...settings.map((each) => `Environment=${each}`), ''].join('\n'));
    }
    await this.run('systemctl', 'daemon-reload');
  }

  /** Gives it a new key, which the next connection is shown. Resolves to the public key. */
  async changeHostKey(): Promise<string> {
    const file = join(this.root, 'etc/ssh/ssh_host_ed25519_key');
    await rm(file, { force: true });
    await run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', this.name, '-f', file);
    // a restart waits until the new one listens, and leaves sessions alone; a reload does not wait
    if (this.#nspawn !== undefined) await this.run('systemctl', 'restart', 'ssh');
    return readFileSync(`${file}.pub`, 'utf8').trim();
  }

  /** Runs something on the host without its sshd, as root: for the eyes and hands of a test. */
  async run(...argv: readonly string[]): Promise<string> {
    return run('nsenter', '-t', String(this.#init()), '-m', '-u', '-i', '-n', '-p', '--', ...argv);
  }

  /** @param path without a slash at its beginning */
  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const file = join(this.root, path);
    await mkdir(join(file, '..'), { recursive: true, mode: path.includes('/.ssh/') ? 0o700 : 0o755 });
    await writeFile(file, text, { mode });
  }

  #firewall(): Firewall {
    return new Firewall((...argv) => this.run(...argv));
  }

  get #filler(): string {
    return join(this.#folder, 'filler');
  }

  get #folder(): string {
    return join(this.#slot.folder, 'hosts', this.name);
  }

  async #kill(): Promise<void> {
    const pid = this.#nspawn?.pid;
    if (pid === undefined) return;
    await waitUntilGone(killTree(pid));
    this.#nspawn = undefined;
  }

  #processes(): number[] {
    return this.#nspawn?.pid === undefined ? [] : descendantsOf(this.#nspawn.pid);
  }

  /** Process 1 of the host, by its number here. */
  #init(): number {
    const found = this.#processes().find((pid) => isAlive(pid) && /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8')));
    if (found === undefined) throw new Error(`${this.name} does not run`);
    return found;
  }

  #banner(): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.address, port: this.sshPort, timeout: 3000 });
      const done = (text: string): void => {
        socket.destroy();
        resolve(text);
      };
      socket.once('data', (chunk) => { done(chunk.toString('latin1')); });
      socket.once('error', () => { done(''); });
      socket.once('timeout', () => { done(''); });
    });
  }
}
