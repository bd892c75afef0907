/** `npm run endurance -- publishes|collection|fuzz|hostile …`: runs that take too long for `npm test`. docs/endurance.md has the last results. */
import { randomInt } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { report, type Scenario } from './outcome.ts';
import { collection } from './collection/scenario.ts';
import { fuzzing } from './fuzz/scenario.ts';
import { hostileClients } from './hostile/scenario.ts';
import { publishes } from './publishes/scenario.ts';

const scenarios: readonly Scenario[] = [publishes, collection, fuzzing, hostileClients];

function usage(): string {
  return [
    'npm run endurance -- SCENARIO [--seed NUMBER] [options]', '',
    ...scenarios.flatMap(({ name, summary, options }) => [
      `${name}: ${summary}`,
      ...Object.entries(options).map(([option, { default: value, help }]) => `  --${option} ${String(value)}`.padEnd(28) + help), '',
    ]),
    'Exit code: 0 when everything held, 1 when something did not, 2 for arguments that are not understood.',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || rest.includes('--help')) {
    console.log(usage());
    return name === undefined ? 2 : 0;
  }
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario === undefined) throw new RangeError(`there is no scenario ${name}`);
  const { values } = parseArgs({ args: rest, options: Object.fromEntries([...Object.keys(scenario.options), 'seed'].map((option) => [option, { type: 'string' as const }])) });
  const numberOf = (option: string, fallback: number): number => {
    const given = values[option];
    const number = given === undefined ? fallback : Number(given);
    if (!Number.isFinite(number) || number < 0) throw new RangeError(`--${option} is no number: ${String(given)}`);
    return number;
  };
  const numbers = Object.fromEntries(Object.entries(scenario.options).map(([option, { default: value }]) => [option, numberOf(option, value)]));
  const seed = numberOf('seed', randomInt(2 ** 31));
  console.log(`${name}: ${JSON.stringify(numbers)}, seed ${String(seed)}, ${String(cpus().length)} cores, ${new Date().toISOString()}`);
  const begun = performance.now();
  const outcome = await scenario.run(numbers, seed, (line) => { console.log(`${((performance.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${line}`); });
  console.log(report(name, outcome, seed));
  return outcome.failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const misread = error instanceof RangeError || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  console.error(misread ? `${error.message}\n\n${usage()}` : error);
  process.exitCode = misread ? 2 : 1;
}
