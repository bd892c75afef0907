import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { rotatedSecret, rotationProgress, type RotatedSecret, type RotationProgress } from '../../contract/index.ts';
import { readSetting, writeSetting, type State } from '../state/index.ts';

/** Whoever carries a rotation out says so every second; a program that has not for this long is gone, milliseconds. */
const silentMs = 10_000;

const notes = z.object({
  /** milliseconds since 1970, by secret */
  replacedAt: z.partialRecord(rotatedSecret, z.number()).default({}),
  keyCopiedAt: z.number().nullable().default(null),
  attempt: z.object({ id: z.string(), what: rotatedSecret, progress: rotationProgress.nullable(), heartbeatAt: z.number() }).nullable().default(null),
});
export type RotationNotes = z.infer<typeof notes>;

/** What the programs of this machine know of a cluster's rotations: who is at one, how far it came, when a secret was replaced last. */
export class RotationBook {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  read(clusterId: string): RotationNotes {
    return notes.parse(JSON.parse(readSetting(this.#state, keyOf(clusterId)) ?? '{}'));
  }

  isUnderWay({ attempt }: RotationNotes): boolean {
    return attempt !== null && Date.now() - attempt.heartbeatAt < silentMs;
  }

  /**
   * One attempt at a time, whichever program makes it. The id of one that was interrupted is handed on, so that what it has locked on hosts is
   * found as one's own. Throws HOST_LOCKED while another program is at it.
   */
  begin(clusterId: string, what: RotatedSecret): string {
    return this.#change(clusterId, (present) => {
      if (this.isUnderWay(present)) throw new BulkheadError('HOST_LOCKED', 'Another program of this machine replaces a secret of this cluster', { hint: 'Wait until it has ended.' });
      const id = present.attempt?.id ?? `rotation-${randomUUID()}`;
      return { result: id, next: { ...present, attempt: { id, what, progress: present.attempt?.what === what ? present.attempt.progress : null, heartbeatAt: Date.now() } } };
    });
  }

  beat(clusterId: string, progress?: RotationProgress): void {
    this.#change(clusterId, (present) => ({
      result: undefined,
      next: present.attempt === null ? present : { ...present, attempt: { ...present.attempt, heartbeatAt: Date.now(), progress: progress ?? present.attempt.progress } },
    }));
  }

  /** Nobody is at it any more; `done`: the secret was replaced. */
  end(clusterId: string, what: RotatedSecret, done: boolean): void {
    this.#change(clusterId, (present) => ({
      result: undefined,
      next: done ? { ...present, attempt: null, replacedAt: { ...present.replacedAt, [what]: Date.now() } } : { ...present, attempt: present.attempt === null ? null : { ...present.attempt, heartbeatAt: 0 } },
    }));
  }

  noteCopy(clusterId: string, at: number): void {
    this.#change(clusterId, (present) => ({ result: undefined, next: { ...present, keyCopiedAt: at } }));
  }

  /** Two programs may have the state open: what is read is still so when it is written. */
  #change<T>(clusterId: string, change: (present: RotationNotes) => { result: T; next: RotationNotes }): T {
    return this.#state.transaction(() => {
      const { result, next } = change(this.read(clusterId));
      writeSetting(this.#state, keyOf(clusterId), JSON.stringify(next));
      return result;
    }).immediate();
  }
}

function keyOf(clusterId: string): string {
  return `rotation/${clusterId}`;
}
