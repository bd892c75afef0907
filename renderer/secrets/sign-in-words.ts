import type { StateWord } from '../format/states.ts';
import type { SignInOutcome } from '../stores/sign-in-rotation.ts';

/** What became of a host's new sign-in, and the reason or the fingerprints. */
export function outcomeWords(outcome: SignInOutcome): StateWord & { readonly more: string | null } {
  switch (outcome.state) {
    case 'waiting':
      return { word: 'waits for its turn', tone: 'off', more: null };
    case 'working':
      return { word: 'being tried', tone: 'warn', more: null };
    case 'done': {
      const { added, removed } = outcome;
      const more = [...(added === null ? [] : [`installed ${added}`]), ...(removed === null ? [] : [`removed ${removed}`])].join(', ');
      return { word: 'let in the new way', tone: 'ok', more: more === '' ? null : more };
    }
    case 'failed':
      return { word: 'keeps the old way', tone: 'bad', more: `${outcome.failure.message}. ${outcome.failure.hint}` };
  }
}
