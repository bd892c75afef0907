import type { RotatedSecret } from '../../contract/index.ts';

/** Lines of a file on a node, the one that counts first, and what they are for. */
export interface Phase {
  readonly title: string;
  readonly lines: readonly string[];
  /** the database gets its new password once all nodes are here */
  readonly thenSetPassword?: boolean;
  /** what the cluster has stored sealed with the old key is sealed with the new one before it goes on */
  readonly thenSealed?: boolean;
}

/**
 * What every node's key file holds, one phase after the other: a phase begins when all nodes have taken over the one before, so that
 * any two nodes always accept what the other one uses.
 */
export function keyPhases(old: string, next: string): readonly Phase[] {
  return [
    { title: 'every node learns the new key', lines: [old, next] },
    { title: 'every node uses the new key', lines: [next, old], thenSealed: true },
    { title: 'every node forgets the old key', lines: [next] },
  ];
}

/** The same for passwords of the database: a node tries both until the role has the new one. */
export function passwordPhases(old: string, next: string): readonly Phase[] {
  return [
    { title: 'every node learns the new password', lines: [old, next], thenSetPassword: true },
    { title: 'every node forgets the old password', lines: [next] },
  ];
}

/** What each phase is for, in their order, before there is a secret. */
export function phaseTitles(what: RotatedSecret): string[] {
  const phases = what === 'cluster-key' ? keyPhases('', '') : passwordPhases('', '');
  return phases.map(({ title }) => title);
}
