import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import type { CliContext } from './cli-context.ts';
import { exitCodeHelp, exitCodes } from './exit-codes.ts';
import { Output } from './output.ts';
import { createProgram, runProgram } from './program.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| `bulkhead ')).map((line) => line.split('|').map((cell) => cell.trim()));
const notHere = (): Promise<never> => Promise.reject(new Error('nothing is asked here'));

function program(told: string[]): { readonly program: Command; readonly context: CliContext } {
  const streams = { out: (words: string) => { told.push(words); }, err: (words: string) => { told.push(words); } };
  const context: CliContext = { output: new Output(streams), signal: new AbortController().signal, outcome: { exitCode: exitCodes.ok }, client: notHere, transfers: notHere, runConsole: notHere };
  return { program: createProgram(context, '1.2.3', streams), context };
}

it.each(rows.map(([, command = '', , look = '', asks = '']) => [command.replaceAll('`', ''), `${look} ${asks}`]))('%s is there, explains itself, and has the options that the document names', async (command, options) => {
  const told: string[] = [];
  const { program: made, context } = program(told);
  const words = command.split(' ').slice(1);
  expect(await runProgram(made, context, [...words, '--help'])).toBe(exitCodes.ok);
  const help = told.join('');
  expect(help).toContain(`Usage: ${command}`);
  for (const option of options.match(/--[a-z-]+/g) ?? []) expect([option, help.includes(option)]).toEqual([option, true]);
});

it('names every command that is about hosts and clusters on them', () => {
  const groups = program([]).program.commands.filter((each) => ['host', 'cluster', 'node', 'balancer', 'maintenance', 'run', 'failover'].includes(each.name()));
  const there = groups.flatMap((group) => group.commands.map((each) => `bulkhead ${group.name()} ${each.name()}`));
  expect(there.filter((command) => !rows.some(([, named]) => named === `\`${command}\``))).toEqual([]);
});

it('names every exit code with the meaning that the program tells', () => {
  const documented = text.split('\n').flatMap((line) => /^\| (\d+) \| (.*) \|$/.exec(line)?.slice(1, 3) ?? []);
  const told = exitCodeHelp.split('\n').flatMap((line) => /^ {2}(\d+) +(.*)$/.exec(line)?.slice(1, 3) ?? []);
  expect(documented).toEqual(told);
  expect(documented.filter((_, index) => index % 2 === 0).map(Number).sort((a, b) => a - b)).toEqual(Object.values(exitCodes).sort((a, b) => a - b));
});
