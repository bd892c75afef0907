import type { SecretState } from '../../electron/contract/index.ts';
import { secretWords } from '../secrets/secret-words.ts';
import type { Action } from './action.ts';

export interface RotationContext {
  readonly clusterId: string;
  readonly subject: string;
  readonly nodes: number;
  readonly blocked: string | null;
  readonly onBegin: () => void;
}

/** Replaces a secret while the cluster serves, or finishes what was interrupted. */
export function rotateAction({ what, state, problem }: SecretState, { clusterId, subject, nodes, blocked, onBegin }: RotationContext): Action {
  const { name, does } = secretWords[what];
  const resumes = state === 'interrupted';
  const elsewhere = state === 'under-way' ? 'It is being replaced' : null;
  return {
    id: `rotate.${what}`, subject, label: resumes ? 'Finish it' : `Replace the ${name}`, progress: `Replacing the ${name}`, tone: resumes ? 'primary' : 'normal',
    explanation: resumes ? 'Goes on from the step that every node has reached.' : 'A new one on every node, without a restart and without a failed request.',
    blocked: blocked ?? elsewhere ?? (problem === null ? null : `${problem.message}. ${problem.hint}`),
    question: resumes ? null : {
      title: `Replace the ${name} on ${nodes === 1 ? 'one node' : `all ${nodes} nodes`}?`,
      does: [...does, 'All hosts have to be reachable: that is looked at before anything changes.'],
      breaks: [], harmless: 'Nothing is restarted, and no request fails.', confirm: `Replace the ${name}`,
    },
    run: (client, signal) => {
      onBegin();
      return client.call('clusters.rotate', { clusterId, what }, { signal });
    },
  };
}
