import type { RotatedSecret, RotationProgress, SecretState } from '../../electron/contract/index.ts';
import type { StateWord } from '../format/states.ts';

interface SecretWords {
  readonly title: string;
  /** the same within a sentence */
  readonly name: string;
  readonly about: string;
  /** what replacing it does, before it is done */
  readonly does: readonly string[];
}

export const secretWords: Readonly<Record<RotatedSecret, SecretWords>> = {
  'cluster-key': {
    title: 'Cluster key', name: 'cluster key',
    about: 'With it the nodes prove themselves to each other, and what the cluster keeps of others (passwords of upstream registries) is sealed with it.',
    does: [
      'A new key of 384 random bits is made and kept here, encrypted. Every node then gets it beside the old one, uses it, and forgets the old one: each step is on all nodes before the next one begins.',
      'Whatever interrupts it leaves old and new valid everywhere. Starting it again finishes it.',
    ],
  },
  'database-password': {
    title: 'Database password', name: 'database password',
    about: 'With it the nodes sign in to PostgreSQL, as the role that owns the database.',
    does: [
      'A new password of 384 random bits is made and kept here, encrypted. Every node gets it beside the old one, then the role in PostgreSQL gets it, then the nodes forget the old one. The server is sent its SCRAM verifier, so the password stands in no log.',
      'Whatever else signs in with this role has to be told. Where administrators set the passwords of roles, the role must be allowed to change its own.',
    ],
  },
};

/** Whether somebody is at it, in a word. */
export function secretState({ state, problem }: Pick<SecretState, 'state' | 'problem'>): StateWord {
  if (state === 'under-way') return { word: 'being replaced', tone: 'warn' };
  if (state === 'interrupted') return { word: 'half replaced: old and new are valid', tone: 'warn' };
  return problem === null ? { word: 'in use', tone: 'ok' } : { word: 'cannot be replaced', tone: 'unknown' };
}

/** How many phases are behind a rotation, and what it is at; a phase counts when the next one has begun. */
export function phasesDone(phases: number, progress: RotationProgress | null): number {
  return progress === null ? 0 : Math.min(phases, progress.phase - 1);
}
