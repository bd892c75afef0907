/**
 * `npm test [-- --all] [--only unit,cluster] [--skip-install]`: lint, types, and every level of tests, several at once where there is
 * more than one processor. Installs what the system lacks when it may, says loudly what it could not run, and ends with the line "N passed, N failed".
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildError, ensureBuilt, projectRoot } from './build.ts';
import { runNode, stopCommands } from './test/command.ts';
import { levels, notBuiltYet, type Need } from './test/levels.ts';
import { inLanes, type Job } from './test/lanes.ts';
import { partsOf, type Part } from './test/parts.ts';
import { closingLine, summary, type Outcome } from './test/report.ts';
import { RunFolder } from './test/run-folder.ts';
import { runPart, type PartRun } from './test/run-part.ts';
import { secondLook } from './test/second-look.ts';
import { installCommand, missingOf, provide } from './test/system-packages.ts';

const say = (line: string): void => console.log(line);
const heading = (title: string): void => say(`\n── ${title}`);

/** A collector of young objects that comes too often is an eighth of what the check costs. */
const roomy = '--max-semi-space-size=64';
/** Beside tests that keep every processor busy, lint gets a sixth of one. */
const longestCheckMs = 40 * 60_000;
/** Whatever hangs: a run ends, and tells what it has seen. */
const longestRunMs = { short: 65 * 60_000, all: 240 * 60_000 } as const;
const checks = [
  { title: 'lint', args: [roomy, 'node_modules/eslint/bin/eslint.js', '.'] },
  { title: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  { title: 'types of the screens', args: ['node_modules/vue-tsc/bin/vue-tsc.js', '-p', 'renderer'] },
] as const;

async function timed(title: string, work: () => Promise<string | undefined>): Promise<Outcome> {
  const started = performance.now();
  const why = await work();
  const seconds = (performance.now() - started) / 1000;
  if (why !== undefined) say(`✗ ${title}\n${why}`);
  return { title, passed: why === undefined ? 1 : 0, skipped: 0, failures: why === undefined ? [] : [{ where: title, why: why.split('\n').slice(-12).join('\n') }], seconds };
}

function build(): Promise<Outcome> {
  return timed('build', async () => {
    try {
      await ensureBuilt(undefined, { onBuild: (title) => say(`building: ${title}`) });
      return undefined;
    } catch (error) {
      if (error instanceof BuildError) return error.message;
      throw error;
    }
  });
}

function check({ title, args }: (typeof checks)[number], folder: RunFolder): Promise<Outcome> {
  return timed(title, async () => {
    const { exitCode, output } = await runNode(args, { cwd: projectRoot, environment: folder.environment, limitMs: longestCheckMs });
    if (exitCode !== 0) return output || `ended with ${String(exitCode)}`;
    if (output !== '') say(output);
    return undefined;
  });
}

function skipped(title: string, missing: readonly Need[]): Outcome {
  return { title, passed: 0, skipped: 1, failures: [], seconds: 0, note: `SKIPPED: ${missing.join(', ')} missing` };
}

/** What a job saw, and how to look again at some of its files. */
interface Seen {
  readonly outcome: Outcome;
  readonly again?: (files: readonly string[]) => Promise<Outcome>;
}

function partJob(part: Part, missing: readonly Need[], run: Omit<PartRun, 'onLine'>): Job<Seen> {
  const { level, title, name, alone } = part;
  const lacking = level.needs.filter((need) => missing.includes(need));
  const onLine = (line: string): void => { say(`${name.padEnd(13)} ${line}`); };
  return {
    alone,
    async run() {
      heading(title);
      if (lacking.length > 0) return { outcome: skipped(title, lacking) };
      const outcome = await runPart(part, { ...run, onLine });
      heading(`${title}: ended after ${outcome.seconds.toFixed(0)} s`);
      return { outcome, again: (files) => runPart({ ...part, name: `${name}-again`, args: files }, { ...run, onLine }) };
    },
  };
}

function checkJob(each: (typeof checks)[number], folder: RunFolder): Job<Seen> {
  return {
    async run() {
      heading(each.title);
      return { outcome: await check(each, folder) };
    },
  };
}

async function lookAgain({ outcome, again }: Seen): Promise<Outcome> {
  if (again === undefined) return outcome;
  return secondLook(outcome, (files) => {
    heading(`${outcome.title}: what failed, by itself`);
    return again(files);
  });
}

async function leakCheck(folder: RunFolder): Promise<Outcome> {
  return timed('nothing is left behind', async () => {
    const leaks = await folder.leaks();
    return leaks.length === 0 ? undefined : leaks.join('\n');
  });
}

const usage = `npm test [-- --all] [--only LEVEL,…] [--skip-install]

  --all           also the test files that take minutes, which are left out otherwise
  --only          these levels alone, without lint and types: ${levels.map(({ project }) => project).join(', ')}
  --skip-install  install nothing; levels that lack something are skipped, loudly

Exit code: 0 when everything passed, 1 when something did not, 2 for arguments that are not understood.`;

interface Options { readonly all: boolean; readonly only?: string | undefined; readonly 'skip-install': boolean; readonly help: boolean }

const argumentsOf = {
  all: { type: 'boolean', default: false }, only: { type: 'string' }, 'skip-install': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns null for arguments that are not understood: that has been said */
function optionsOf(args: readonly string[]): Options | null {
  try {
    return parseArgs({ args: [...args], options: argumentsOf }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
}

async function main(): Promise<number> {
  const values = optionsOf(process.argv.slice(2));
  if (values === null) return 2;
  if (values.help) {
    say(usage);
    return 0;
  }
  const only = values.only?.split(',');
  const unknown = only?.filter((name) => !levels.some(({ project }) => project === name)) ?? [];
  if (unknown.length > 0) {
    console.error(`unknown level ${unknown.join(', ')}; there are: ${levels.map(({ project }) => project).join(', ')}`);
    return 2;
  }
  const wanted = levels.filter(({ project }) => only?.includes(project) ?? true);
  const needs = wanted.flatMap((level) => level.needs);
  const missing = values['skip-install'] ? missingOf(needs) : provide(needs, say);
  if (missing.length > 0) say(`\n*** MISSING: ${missing.join(', ')}. Some levels will be skipped. To run them:\n***   sudo ${installCommand(missing)}\n`);

  const folder = new RunFolder();
  const outcomes: Outcome[] = [];
  process.once('exit', () => folder.remove());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      stopCommands();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  }
  heading('build');
  outcomes.push(await build());
  // tests wait for much of their time: two lanes would leave one of two processors idle for a third of it
  const lanes = availableParallelism() === 1 ? 1 : 3;
  const deadline = performance.now() + longestRunMs[values.all ? 'all' : 'short'];
  const run = { reports: join(folder.path, 'home'), environment: folder.environment, deadline };
  const parts = partsOf(wanted, values).map((part) => partJob(part, missing, run));
  const early = only === undefined ? checks.map((each) => checkJob(each, folder)) : [];
  // the longest are on their way when lint and types, which fail soonest, take a lane for themselves
  const seen = await inLanes([...parts.slice(0, lanes - 1), ...early, ...parts.slice(lanes - 1)], lanes);
  for (const each of seen) outcomes.push(await lookAgain(each));
  outcomes.push(await leakCheck(folder));

  say(summary(outcomes, notBuiltYet));
  say(closingLine(outcomes));
  return outcomes.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

process.exitCode = await main();
