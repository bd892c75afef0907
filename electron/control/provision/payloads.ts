import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { Payload } from './payload.ts';
import type { PackedFile } from './remote-host.ts';
import type { NodeTarget } from './target.ts';

export type Cpu = NodeTarget['release']['cpu'];

export interface PayloadFiles {
  /** Node.js for Linux, by CPU; an empty text where this program has none */
  readonly runtimes: Readonly<Record<Cpu, string>>;
  readonly bundle: string;
  readonly version: string;
  /** where compressed payloads are kept */
  readonly cacheFolder: string;
}

/** What is shipped to hosts; hashed once, when it is first asked for. */
export class Payloads {
  readonly #files: PayloadFiles;
  readonly #packed = new Map<string, Promise<string>>();
  readonly #releases = new Map<Cpu, Promise<NodeTarget['release']>>();

  constructor(files: PayloadFiles) {
    this.#files = files;
  }

  /** The release that this program installs on a host with this CPU. @throws BINARY_MISSING */
  release(cpu: Cpu = 'x64'): Promise<NodeTarget['release']> {
    const release = this.#releases.get(cpu) ?? this.#read(cpu);
    this.#releases.set(cpu, release);
    return release;
  }

  /** Compresses beforehand what will be uploaded, so that nobody waits for it after the click. What fails is told to who uploads. */
  prepare(cpu: Cpu = 'x64'): void {
    void this.release(cpu).then(({ runtime, bundle }) => Promise.all([this.packed(runtime), this.packed(bundle)])).catch(() => undefined);
  }

  /** The payload, compressed once and kept for the next time. */
  packed = (payload: Payload): Promise<PackedFile> => {
    const { sha256 } = payload;
    const known = this.#packed.get(sha256) ?? this.#pack(sha256);
    this.#packed.set(sha256, known);
    return known.then((path) => ({ path, sha256, mode: Number.parseInt(payload.mode, 8) }));
  };

  async #pack(sha256: string): Promise<string> {
    const file = await this.#fileOf(sha256);
    if (file === null) {
      throw new BulkheadError('VERSION_UNSUPPORTED', 'The run was begun by another version of this app, which shipped other files', { hint: 'Roll it back, and provision the host anew.' });
    }
    const path = join(this.#files.cacheFolder, `${sha256}.gz`);
    if (existsSync(path)) return path;
    await mkdir(this.#files.cacheFolder, { recursive: true, mode: 0o700 });
    const draft = `${path}.${randomUUID()}`;
    await pipeline(gzipped(file), createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, path);
    return path;
  }

  async #fileOf(sha256: string): Promise<string | null> {
    const { runtimes, bundle } = this.#files;
    // a run that is resumed may be for any of them
    const there = (['x64', 'arm64'] as const).filter((cpu) => existsSync(runtimes[cpu]));
    for (const release of await Promise.all(there.map((cpu) => this.release(cpu)))) {
      if (release.bundle.sha256 === sha256) return bundle;
      if (release.runtime.sha256 === sha256) return runtimes[release.cpu];
    }
    return null;
  }

  async #read(cpu: Cpu): Promise<NodeTarget['release']> {
    const [runtime, bundle] = await Promise.all([
      described('node', '755', this.#files.runtimes[cpu]), described('bulkhead-node.cjs', '644', this.#files.bundle),
    ]);
    // two builds of one version are two releases: one can take over from the other, and be switched back
    const digest = createHash('sha256').update(runtime.sha256).update(bundle.sha256).digest('hex');
    return { name: `${this.#files.version}-${digest.slice(0, 8)}`, cpu, runtime, bundle };
  }
}

const pieceBytes = 4 * 1024 * 1024;

/** In pieces side by side, one for each processor: what stands behind one another in a gzip file is unpacked as one (RFC 1952, 2.2). */
async function* gzipped(file: string): AsyncGenerator<Buffer> {
  const pieces: Promise<Buffer>[] = [];
  const atOnce = Math.min(4, availableParallelism());
  for await (const piece of createReadStream(file, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
    // most of what a higher level would save costs more time here than on the wire
    const packed = promisify(gzip)(piece, { level: 5 });
    packed.catch(() => undefined);
    pieces.push(packed);
    const [first] = pieces.length < atOnce ? [] : pieces.splice(0, 1);
    if (first !== undefined) yield await first;
  }
  for (const packed of pieces) yield await packed;
}

async function described(name: Payload['name'], mode: Payload['mode'], file: string): Promise<Payload> {
  if (!existsSync(file)) {
    throw new BulkheadError('BINARY_MISSING', `${name} for hosts is not there`, { details: { file }, hint: name === 'node' ? 'In a checkout: run "node scripts/host-runtimes.ts", which fetches the runtimes for hosts.' : 'In a checkout: run "npm ci", then "npm run build".' });
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { name, mode, sha256: hash.digest('hex'), bytes: (await stat(file)).size };
}
