import type { KeyboardInteractiveAuthMethod } from 'ssh2';
import type { AuthenticationPrompt } from './credential.ts';
import type { Secret } from './secret.ts';
import type { HostTarget } from './target.ts';

/** Asks a person; null: no answer. */
export type AskPerson = (prompt: AuthenticationPrompt) => Promise<readonly Secret[] | null>;

/** @param password answers the first single hidden question; a person is asked everything else */
export function answerPrompts(hop: HostTarget, password: Secret | undefined, ask: AskPerson): KeyboardInteractiveAuthMethod {
  let unused = password;
  return {
    type: 'keyboard-interactive',
    username: hop.user,
    prompt(name, instructions, _language, prompts, finish) {
      if (unused !== undefined && prompts.length === 1 && prompts[0]?.echo !== true) {
        const answer = unused.reveal();
        unused = undefined;
        finish([answer]);
        return;
      }
      const questions = prompts.map(({ prompt, echo }) => ({ text: prompt, hidden: echo !== true }));
      const nothing = questions.map(() => '');
      void ask({ hop, name, instructions, questions }).then(
        (answers) => { finish(answers === null ? nothing : answers.map((answer) => answer.reveal())); },
        () => { finish(nothing); },
      );
    },
  };
}
