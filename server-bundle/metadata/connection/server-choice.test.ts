import { expect, it } from 'vitest';
import { ServerChoice, type AskServer } from './server-choice.ts';

const servers = [{ host: 'a', port: 1 }, { host: 'b', port: 1 }, { host: 'c', port: 1 }];

/** Answers as the table says; counts. */
function asking(table: Record<string, number | null | 'down'>): { ask: AskServer; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: async ({ host }) => {
      asked.push(host);
      const answer = table[host];
      if (answer === 'down' || answer === undefined) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      return answer;
    },
  };
}

it('asks nobody where there is one server only', async () => {
  const choice = new ServerChoice([{ host: 'a', port: 1 }]);
  const { ask, asked } = asking({});
  choice.failed(choice.current);
  await choice.settle(ask);
  expect([choice.current.host, asked]).toEqual(['a', []]);
});

it('chooses the one that may be written to', async () => {
  const choice = new ServerChoice(servers);
  await choice.settle(asking({ a: 'down', b: null, c: 4 }).ask);
  expect(choice.current.host).toBe('c');
});

it('is not misled by a former primary that came back', async () => {
  const choice = new ServerChoice(servers);
  await choice.settle(asking({ a: 3, b: 4, c: null }).ask);
  expect(choice.current.host).toBe('b');
});

it('keeps its choice until that fails, and is asked once by all', async () => {
  const choice = new ServerChoice(servers);
  const first = asking({ a: 1, b: null, c: null });
  await Promise.all([choice.settle(first.ask), choice.settle(first.ask)]);
  await choice.settle(first.ask);
  expect(first.asked).toEqual(['a', 'b', 'c']);
  choice.failed({ host: 'b', port: 1 });
  await choice.settle(asking({}).ask);
  choice.failed(choice.current);
  await choice.settle(asking({ a: 'down', b: 2, c: null }).ask);
  expect(choice.current.host).toBe('b');
});

it('says which servers it knows when none may be written to, and asks again', async () => {
  const choice = new ServerChoice(servers);
  await expect(choice.settle(asking({ a: 'down', b: null }).ask)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining('a:1, b:1, c:1') as string });
  await choice.settle(asking({ a: 'down', b: 5 }).ask);
  expect(choice.current.host).toBe('b');
});
