import { connect, createServer } from 'node:net';
import { waitFor } from '../harness/wait-for.ts';
import { slots, type LabSlot } from './slot.ts';

/** A slot that no other process has, until `release` or the end of this process, whatever ends it. */
export interface Claim {
  readonly slot: LabSlot;
  release(): void;
}

/** Takes the first free slot; waits while all are taken. Throws, naming who has them, when that takes too long. */
export async function claimSlot(waitMs: number): Promise<Claim> {
  return waitFor('a free place for a lab on this machine', async () => {
    for (const slot of slots) {
      const claim = await tryToClaim(slot);
      if (claim !== undefined) return claim;
    }
    throw new Error(`they are taken by ${(await Promise.all(slots.map(ownerOf))).join(', ')}`);
  }, { timeoutMs: waitMs, everyMs: 100 });
}

/**
 * Undefined when somebody has it. The claim is a socket that has a name and no file: two can never have it, and with
 * the process that has it, it is gone.
 */
export async function tryToClaim(slot: LabSlot): Promise<Claim | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`process ${process.pid}`);
  });
  server.unref();
  const listening = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(nameOf(slot), () => { resolve(true); });
  });
  return listening ? { slot, release: () => { server.close(); } } : undefined;
}

/** Who says that the slot is theirs. */
export function ownerOf(slot: LabSlot): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path: nameOf(slot) });
    let said = '';
    socket.setTimeout(1000, () => { socket.destroy(); });
    socket.on('data', (chunk) => { said += chunk.toString(); });
    socket.on('error', () => undefined);
    socket.on('close', () => { resolve(said === '' ? 'nobody who answers' : said); });
  });
}

function nameOf({ number }: LabSlot): string {
  return `\0bulkhead-lab-${number}`;
}
