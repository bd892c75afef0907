import { randomUUID } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostQuestion } from '../../contract/index.ts';
import { describeTarget, Secret, type AuthenticationPrompt } from '../ssh/index.ts';
import { Snapshot } from '../streams/index.ts';

/** Questions of hosts that wait for a person, one-time passwords for example. */
export class HostQuestions {
  readonly #waiting = new Snapshot<readonly HostQuestion[]>([]);
  readonly #answers = new Map<string, (answers: readonly Secret[] | null) => void>();

  /** Null when nobody listens, nobody wants to answer, or the signal aborts. */
  ask({ hop, name, instructions, questions }: AuthenticationPrompt, signal: AbortSignal): Promise<readonly Secret[] | null> {
    // a host may end with a text and no question
    if (questions.length === 0) return Promise.resolve([]);
    if (this.#waiting.watchers === 0 || signal.aborted) return Promise.resolve(null);
    const questionId = randomUUID();
    const asked: HostQuestion = { questionId, hop: describeTarget(hop), title: name, instructions, prompts: [...questions] };
    const { promise, resolve } = Promise.withResolvers<readonly Secret[] | null>();
    const giveUp = (): void => resolve(null);
    signal.addEventListener('abort', giveUp, { once: true });
    this.#answers.set(questionId, resolve);
    this.#waiting.set([...this.#waiting.value, asked]);
    return promise.finally(() => {
      signal.removeEventListener('abort', giveUp);
      this.#answers.delete(questionId);
      this.#waiting.set(this.#waiting.value.filter((each) => each.questionId !== questionId));
    });
  }

  /** Throws ARGUMENT_INVALID when nobody waits for it any more, or another number of answers is wanted. */
  answer(questionId: string, answers: readonly string[] | null): void {
    const question = this.#waiting.value.find((each) => each.questionId === questionId);
    const resolve = this.#answers.get(questionId);
    if (question === undefined || resolve === undefined) throw new BulkheadError('ARGUMENT_INVALID', 'Nobody waits for this answer any more');
    if (answers !== null && answers.length !== question.prompts.length) {
      throw new BulkheadError('ARGUMENT_INVALID', `${question.prompts.length} answers are wanted, not ${answers.length}`);
    }
    resolve(answers === null ? null : answers.map((answer) => new Secret(answer)));
  }

  watch(signal: AbortSignal): AsyncIterable<HostQuestion[]> {
    return copies(this.#waiting.watch(signal));
  }
}

async function* copies(lists: AsyncIterable<readonly HostQuestion[]>): AsyncGenerator<HostQuestion[]> {
  for await (const list of lists) yield [...list];
}
