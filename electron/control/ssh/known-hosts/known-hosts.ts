import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import type { HostKey } from '../host-key.ts';
import { knownHostsName, matchesHost, parseKnownHosts, type KnownHostsEntry } from './entry.ts';

/** A key that is known, and the line that says so: `path:line`. */
export interface KnownKey extends HostKey {
  readonly by: string;
}

/** What is known about a key that a host shows. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted'; readonly by: string }
  /** `authority`: a certificate authority is named for this host; certificates of hosts cannot be checked here, its plain key is not known */
  | { readonly kind: 'unknown'; readonly authority: string | null }
  | { readonly kind: 'changed'; readonly known: readonly KnownKey[] }
  | { readonly kind: 'revoked'; readonly by: string };

type Entry = KnownHostsEntry & { readonly by: string; readonly own: boolean };

/**
 * Keys of hosts: our own file in OpenSSH's format, and the user's and the system's beside it, which are only read.
 * Where our file knows a host, it decides; a revoked key is refused wherever it is listed.
 */
export class KnownHosts {
  readonly #own: string;
  readonly #others: readonly string[];

  /**
   * @param own    path of our file; it need not exist
   * @param others files that are read, `~/.ssh/known_hosts`, `~/.ssh/known_hosts2` and `/etc/ssh/ssh_known_hosts` when left out
   */
  constructor(own: string, others: readonly string[] = systemFiles()) {
    this.#own = own;
    this.#others = others;
  }

  async check(address: string, port: number, key: HostKey): Promise<HostKeyVerdict> {
    const entries = await this.#entriesOf(address, port);
    const isSame = (entry: Entry): boolean => entry.key.key === key.key;
    const revoked = entries.find((entry) => entry.marker === 'revoked' && isSame(entry));
    if (revoked !== undefined) return { kind: 'revoked', by: revoked.by };
    const plain = entries.filter(({ marker }) => marker === null);
    const decisive = plain.some(({ own }) => own) ? plain.filter(({ own }) => own) : plain;
    const same = decisive.find(isSame);
    if (same !== undefined) return { kind: 'trusted', by: same.by };
    if (decisive.length > 0) return { kind: 'changed', known: decisive.map(({ key: known, by }) => ({ ...known, by })) };
    return { kind: 'unknown', authority: entries.find(({ marker }) => marker === 'cert-authority')?.by ?? null };
  }

  /** Types of the keys that are known of a host: it is asked for these first, so that it shows one that can be compared. */
  async typesOf(address: string, port: number): Promise<string[]> {
    const entries = await this.#entriesOf(address, port);
    return [...new Set(entries.filter(({ marker }) => marker === null).map(({ key }) => key.type))];
  }

  /** Remembers the key of a host that is not known yet. Throws HOST_KEY_CHANGED when another one is, HOST_KEY_REVOKED. */
  async trust(address: string, port: number, key: Pick<HostKey, 'type' | 'key'>): Promise<void> {
    const hostKey = parsed(key);
    const verdict = await this.check(address, port, hostKey);
    if (verdict.kind === 'trusted') return;
    refuse(verdict, address, port, hostKey);
    await mkdir(dirname(this.#own), { recursive: true, mode: 0o700 });
    // one write at the end of the file: what another process adds meanwhile stays
    await appendFile(this.#own, lineFor(address, port, hostKey), { mode: 0o600 });
  }

  /** Forgets every key of the host in our file and remembers this one: the deliberate act after HOST_KEY_CHANGED. Throws HOST_KEY_REVOKED. */
  async replace(address: string, port: number, key: Pick<HostKey, 'type' | 'key'>): Promise<void> {
    const hostKey = parsed(key);
    const verdict = await this.check(address, port, hostKey);
    if (verdict.kind === 'revoked') refuse(verdict, address, port, hostKey);
    const name = knownHostsName(address, port);
    const text = await readText(this.#own);
    const gone = new Set(parseKnownHosts(text).filter((entry) => entry.marker === null && matchesHost(entry, name)).map(({ line }) => line));
    const kept = text.split('\n').filter((line, index) => line !== '' && !gone.has(index + 1)).map((line) => `${line}\n`);
    await mkdir(dirname(this.#own), { recursive: true, mode: 0o700 });
    const draft = `${this.#own}.${randomUUID()}`;
    try {
      await writeFile(draft, [...kept, lineFor(address, port, hostKey)].join(''), { mode: 0o600, flush: true });
      await rename(draft, this.#own);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #entriesOf(address: string, port: number): Promise<Entry[]> {
    const name = knownHostsName(address, port);
    const lists = await Promise.all([this.#own, ...this.#others].map(async (file) => {
      const entries = parseKnownHosts(await readText(file));
      return entries.map((entry) => ({ ...entry, by: `${file}:${entry.line}`, own: file === this.#own }));
    }));
    return lists.flat().filter((entry) => matchesHost(entry, name));
  }
}

function systemFiles(): string[] {
  const folder = join(homedir(), '.ssh');
  return [join(folder, 'known_hosts'), join(folder, 'known_hosts2'), '/etc/ssh/ssh_known_hosts'];
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    // a file that cannot be read may revoke a key: to go on as if it were empty would be a guess
    throw new BulkheadError('INTERNAL', `${file} cannot be read`, { cause: error, details: { file } });
  }
}

function parsed({ type, key }: Pick<HostKey, 'type' | 'key'>): HostKey {
  const [entry] = parseKnownHosts(`host ${type} ${key}`);
  if (entry === undefined) throw new BulkheadError('ARGUMENT_INVALID', 'This is not the key of a host', { details: { type } });
  return entry.key;
}

function lineFor(address: string, port: number, { type, key }: HostKey): string {
  if (/[\s,*?!|#]/.test(address)) throw new BulkheadError('ARGUMENT_INVALID', 'This is not the address of a host', { details: { address } });
  return `${knownHostsName(address, port)} ${type} ${key}\n`;
}

function refuse(verdict: HostKeyVerdict, address: string, port: number, key: HostKey): void {
  if (verdict.kind === 'changed') throw new BulkheadError('HOST_KEY_CHANGED', undefined, { details: { address, port, shown: key, known: verdict.known } });
  if (verdict.kind === 'revoked') throw new BulkheadError('HOST_KEY_REVOKED', undefined, { details: { address, port, shown: key, by: verdict.by } });
}
