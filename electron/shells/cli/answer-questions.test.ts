import { expect, it } from 'vitest';
import { BulkheadError, connect, createWirePair, serve, type HostQuestion } from '../../contract/index.ts';
import { stubHandlers } from '../testing/stub-handlers.ts';
import { answerQuestions } from './answer-questions.ts';

const question = (questionId: string): HostQuestion => ({ questionId, hop: 'ops@web', title: 'Two factors', instructions: '', prompts: [{ text: 'Name: ', hidden: false }, { text: 'Code\u001b: ', hidden: true }] });

it('puts each question to the terminal once, one after the other, and goes on when nobody waits for an answer', async () => {
  const answered: unknown[] = [];
  const done = Promise.withResolvers<undefined>();
  const pair = createWirePair();
  serve(stubHandlers({
    'hosts.questions': async function* lists(_, { signal }) {
      yield [question('a')];
      yield [question('a'), question('b'), question('c')];
      await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
    },
    'hosts.answer': async (args) => {
      answered.push(args);
      if (args.questionId === 'a') throw new BulkheadError('ARGUMENT_INVALID');
      if (args.questionId === 'c') done.resolve(undefined);
      return {};
    },
  }), pair.control, { caller: 'cli' });
  const client = connect(() => pair.client);
  const asked: [string, boolean][] = [];
  const told: string[] = [];
  let isOpen = 0;
  const stop = answerQuestions(client, {
    tell: (text) => { told.push(text); },
    ask: async (text, isHidden) => {
      expect(isOpen).toBe(0);
      isOpen += 1;
      await new Promise((resolve) => { setImmediate(resolve); });
      isOpen -= 1;
      asked.push([text, isHidden]);
      // the person gives up at the second question of "b"
      return asked.length === 4 ? null : `answer ${asked.length}`;
    },
  });
  await done.promise;
  stop();
  client.close();
  expect(told[0]).toBe('ops@web asks:\nTwo factors');
  expect(asked.slice(0, 2)).toEqual([['Name: ', false], ['Code·: ', true]]);
  expect(answered).toEqual([{ questionId: 'a', answers: ['answer 1', 'answer 2'] }, { questionId: 'b', answers: null }, { questionId: 'c', answers: ['answer 5', 'answer 6'] }]);
});
