import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ContractClient, HostQuestion } from '../../contract/index.ts';
import { printable } from './table.ts';

export interface Terminal {
  /** Resolves with what was typed; null when the person gives up. */
  ask(text: string, isHidden: boolean): Promise<string | null>;
  tell(text: string): void;
}

/** Puts the questions of hosts to whoever sits at the terminal, one after the other. Returns the function that stops. */
export function answerQuestions(client: ContractClient, terminal: Terminal): () => void {
  const seen = new Set<string>();
  let queue = Promise.resolve();
  const answer = async ({ questionId, hop, title, instructions, prompts }: HostQuestion): Promise<void> => {
    terminal.tell([`${hop} asks:`, title, instructions].filter((line) => line !== '').join('\n'));
    const answers: string[] = [];
    for (const { text, hidden } of prompts) {
      const typed = await terminal.ask(printable(text), hidden);
      if (typed === null) break;
      answers.push(typed);
    }
    await client.call('hosts.answer', { questionId, answers: answers.length === prompts.length ? answers : null });
  };
  return client.subscribe('hosts.questions', {}, {
    item: (questions) => {
      for (const question of questions.filter(({ questionId }) => !seen.has(questionId))) {
        seen.add(question.questionId);
        // one that nobody waits for any more is no reason to stop
        queue = queue.then(() => answer(question)).catch(() => undefined);
      }
    },
  });
}

/** The terminal that this process was started in; null when its input is none. */
export function ownTerminal(signal: AbortSignal): Terminal | null {
  if (!process.stdin.isTTY) return null;
  return {
    tell: (text) => process.stderr.write(`${text.split('\n').map(printable).join('\n')}\n`),
    async ask(text, isHidden) {
      process.stderr.write(text);
      const silent = new Writable({ write: (_chunk, _encoding, done) => { done(); } });
      const lines = createInterface({ input: process.stdin, output: isHidden ? silent : process.stderr, terminal: true });
      try {
        return await lines.question('', { signal });
      } catch {
        return null;
      } finally {
        lines.close();
        if (isHidden) process.stderr.write('\n');
      }
    },
  };
}
