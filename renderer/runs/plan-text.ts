import type { Planned } from '../../electron/contract/index.ts';

type Step = Planned['steps'][number];

/** The commands of a step as one would read them in a terminal: what is looked at first, then what is done. */
export function stepText({ probe, apply }: Pick<Step, 'probe' | 'apply'>): string {
  return [...probe.map((line) => `# already so, if this succeeds\n${line}`), ...apply].join('\n');
}
