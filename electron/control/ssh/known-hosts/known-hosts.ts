import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import { certificateProblem, type CertificateLook } from '../certificates/index.ts';
import type { HostKey } from '../host-key.ts';
import { knownHostsName, matchesHost, parseKnownHosts, type KnownHostsEntry } from './entry.ts';

/** A key that is known, and the line that says so: `path:line`. */
export interface KnownKey extends HostKey {
  readonly by: string;
}

/** What is known about a key that a host shows. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted'; readonly by: string }
  /** `authority`: a certificate authority is named for this host; `why` it does not vouch for the key, as a part of a sentence */
  | { readonly kind: 'unknown'; readonly authority: null }
  | { readonly kind: 'unknown'; readonly authority: string; readonly why: string }
  | { readonly kind: 'changed'; readonly known: readonly KnownKey[] }
  /** `authority`: it is not the key that is revoked, but the authority that has certified it */
  | { readonly kind: 'revoked'; readonly by: string; readonly authority: HostKey | null };

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

  /** @param look what the host has shown beside its key, where only an authority is known of it; null when nobody has asked */
  async check(address: string, port: number, key: HostKey, look: CertificateLook | null = null): Promise<HostKeyVerdict> {
    const entries = await this.#entriesOf(address, port);
    const isSame = (entry: Entry): boolean => entry.key.key === key.key;
    const revoked = entries.find((entry) => entry.marker === 'revoked' && isSame(entry));
    if (revoked !== undefined) return { kind: 'revoked', by: revoked.by, authority: null };
    const plain = entries.filter(({ marker }) => marker === null);
    const decisive = plain.some(({ own }) => own) ? plain.filter(({ own }) => own) : plain;
    const same = decisive.find(isSame);
    if (same !== undefined) return { kind: 'trusted', by: same.by };
    if (decisive.length > 0) return { kind: 'changed', known: decisive.map(({ key: known, by }) => ({ ...known, by })) };
    return vouched(entries, address, key, look);
  }

  /** Whether an authority alone could vouch for the key of a host: its certificate has to be asked for. */
  async hangsOnAuthority(address: string, port: number): Promise<boolean> {
    const entries = await this.#entriesOf(address, port);
    return entries.some(({ marker }) => marker === 'cert-authority') && entries.every(({ marker }) => marker !== null);
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

/** What the authorities that are named for a host make of its key. A certificate is about the key that it is shown with, or about nothing. */
function vouched(entries: readonly Entry[], name: string, key: HostKey, look: CertificateLook | null): HostKeyVerdict {
  const authorities = entries.filter(({ marker }) => marker === 'cert-authority');
  const [first] = authorities;
  if (first === undefined) return { kind: 'unknown', authority: null };
  const unknown = (authority: string, why: string): HostKeyVerdict => ({ kind: 'unknown', authority, why });
  if (look === null) return unknown(first.by, 'its certificate was not asked for');
  if (look.certificate === null) return unknown(first.by, look.why);
  const { certificate } = look;
  const revoked = entries.find((entry) => entry.marker === 'revoked' && entry.key.key === certificate.authority.key);
  if (revoked !== undefined) return { kind: 'revoked', by: revoked.by, authority: certificate.authority };
  const signer = authorities.find((entry) => entry.key.key === certificate.authority.key);
  if (signer === undefined) return unknown(first.by, 'another one has signed its certificate');
  if (certificate.key.key !== key.key) return unknown(signer.by, 'its certificate is about another key');
  const problem = certificateProblem(certificate, name);
  return problem === null ? { kind: 'trusted', by: signer.by } : unknown(signer.by, problem);
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
