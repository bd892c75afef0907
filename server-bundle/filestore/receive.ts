import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Calls } from './calls.ts';
import { EarlySync } from './early-sync.ts';
import { contentAlgorithms, digestsOf, type HashThreads } from './hashing.ts';
import type { Digests } from './ports.ts';
import { chunksTakenIn } from './young-garbage.ts';

/** Bodies up to this size are hashed in place: handing them to a thread would cost more. Bytes. */
const inlineBytes = 256 * 1024;
/** Bodies up to this size stay in memory until they are published: one whose content is stored already never touches the folder. Bytes. */
const heldBytes = 64 * 1024;
/** Two such blocks per large body: one fills while the other is written and hashed. Bytes. */
const blockBytes = 512 * 1024;

/** Where bodies are received: the calls into the folder and the threads that hash. */
export interface Reception {
  readonly calls: Calls;
  readonly threads: HashThreads;
  /** told how many bytes of a large body are in the file */
  readonly progress?: ((bytes: number) => void) | undefined;
}

/** A received body. */
export interface Received extends Digests {
  /** bytes */
  readonly size: number;
  /** the whole of a small body, of which there is no file yet; null: it is in the file */
  readonly held: Buffer | null;
}

/**
 * Takes in a body and hashes it on the way. A large one goes to the new file `path`, which is not synced yet.
 * @throws what `body` failed with; the caller removes the file
 */
export async function receive(reception: Reception, path: string, body: Readable | Buffer): Promise<Received> {
  if (Buffer.isBuffer(body) && body.length <= inlineBytes) return receiveSmall(reception, path, body);
  const stream = Buffer.isBuffer(body) ? Readable.from([body]) : body;
  // a body that cannot be stored is left to its request: destroying it would take the connection, and with it the answer
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const head: Buffer[] = [];
  let size = 0;
  while (size <= inlineBytes) {
    const next = await chunks.next();
    if (next.done === true) return receiveSmall(reception, path, Buffer.concat(head));
    head.push(next.value);
    size += next.value.length;
  }
  return receiveLarge(reception, path, head, chunks);
}

async function receiveSmall({ calls }: Reception, path: string, bytes: Buffer): Promise<Received> {
  if (bytes.length <= heldBytes) return { ...digestsOf(bytes), size: bytes.length, held: bytes };
  await calls.run(async () => {
    const file = await open(path, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
  });
  return { ...digestsOf(bytes), size: bytes.length, held: null };
}

async function receiveLarge(
  { calls, threads, progress }: Reception, path: string, head: readonly Buffer[], rest: AsyncIterator<Buffer>,
): Promise<Received> {
  const file = await calls.run(() => open(path, 'wx', 0o644));
  const job = threads.begin(contentAlgorithms);
  const early = new EarlySync(file, calls);
  let block = new SharedArrayBuffer(blockBytes);
  let spare = new SharedArrayBuffer(blockBytes);
  let filled = 0;
  let size = 0;
  let written = 0;
  let underWay: Promise<unknown> = Promise.resolve();

  const flush = async (): Promise<void> => {
    await underWay;
    const full = block;
    const length = filled;
    const writing = calls.write(() => file.writeFile(Buffer.from(full, 0, length))).then(() => {
      written += length;
      progress?.(written);
      return early.wrote(length);
    });
    underWay = Promise.all([writing, job.update(full, length)]);
    // its failure is met at the next flush; until then it must not count as unhandled
    underWay.catch(() => undefined);
    // what was written before it is done: that block is free
    [block, spare] = [spare, full];
    filled = 0;
  };
  const add = async (chunk: Buffer): Promise<void> => {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, blockBytes - filled);
      new Uint8Array(block).set(chunk.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled === blockBytes) await flush();
    }
    size += chunk.length;
    chunksTakenIn(chunk.length);
  };

  try {
    for (const chunk of head) await add(chunk);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) await add(next.value);
    if (filled > 0) await flush();
    await underWay;
    const digests = await job.digests();
    await early.end();
    return { ...digests, size, held: null };
  } catch (error) {
    await rest.return?.(undefined).catch(() => undefined);
    await underWay.catch(() => undefined);
    await early.end().catch(() => undefined);
    throw error;
  } finally {
    job.drop();
    await calls.run(() => file.close());
  }
}
