import { waitFor } from '../harness/wait-for.ts';
import { holderOf, tryToHold } from './named-lock.ts';
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

/** Undefined when somebody has it. */
export async function tryToClaim(slot: LabSlot): Promise<Claim | undefined> {
  const hold = await tryToHold(nameOf(slot));
  return hold === undefined ? undefined : { slot, release: () => { hold.release(); } };
}

/** Who says that the slot is theirs. */
export function ownerOf(slot: LabSlot): Promise<string> {
  return holderOf(nameOf(slot));
}

function nameOf({ number }: LabSlot): string {
  return `bulkhead-lab-${number}`;
}
