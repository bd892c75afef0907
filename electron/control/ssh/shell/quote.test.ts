import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { forAnyShell, quoteCommand } from './quote.ts';

const awkward = ['', ' ', '\'', '"', '$HOME', '`id`', '!x', '\\', '\\n', 'a\nb', '-n', '*', 'é ☃', '%s', '#', '~'];

test.each(['sh', 'bash'])('every word arrives as it is, through %s', (shell) => {
  const script = `printf '%s\\0' ${quoteCommand(awkward)}`;
  expect(execFileSync(shell, ['-c', script]).toString()).toBe(`${awkward.join('\0')}\0`);
  expect(execFileSync(shell, ['-c', forAnyShell(script)]).toString()).toBe(`${awkward.join('\0')}\0`);
});

test('a line for any shell holds nothing that shells read differently', () => {
  const line = forAnyShell('echo \'it\' "is" !bad \\ $x\n`y`');
  expect(line.slice('/bin/sh -c \''.length, -1)).not.toMatch(/['!\n`]/);
  expect(() => forAnyShell('a\0b')).toThrow();
});
