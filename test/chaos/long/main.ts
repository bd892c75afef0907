/** `npm run chaos -- --minutes 30`: the long search for histories that no order explains. */
import { parseArgs } from 'node:util';
import { labFaultNames } from '../lab/lab-faults.ts';
import { Random } from '../random.ts';
import { faultKinds } from './fault-kinds.ts';
import { inTheLab, onThisMachine } from './ground.ts';
import { runRound, type RoundReport } from './round.ts';

const help = `npm run chaos -- [--lab] [--minutes 30] [--rounds N] [--seed N] [--operations 4000] [--faults ${Object.keys(faultKinds).slice(0, 3).join(',')},…]

Rounds, one after the other, on three nodes, PostgreSQL and the balancer: clients put, overwrite, delete, copy, move, read and list
on any node and through the balancer, and publish npm versions, while one fault or two at a time strike. Then it is quiet, and it is
checked that every path is linearizable (final reads from each node included), every body has its digest, packuments are what was
acknowledged, epochs do not overlap, no slot ran twice, nothing is left over in the filestore and nothing lost from it, and at no
moment there were more database sessions than the budget.

  --lab         on hosts of the lab instead, without the balancer: real wires are cut, hosts lose their power (needs root on Debian)
  --minutes     no round begins after this time
  --rounds      so many rounds at most
  --seed        of the first round; each round tells its own
  --operations  of the clients in each round
  --faults      of these kinds:
${Object.entries(faultKinds).map(([name, { what }]) => `                  ${name.padEnd(20)} ${what}`).join('\n')}
                with --lab, of these:
                  ${labFaultNames.join(', ')}

The first round that fails prints what is wrong, its faults, the shortest history that shows it and how to repeat it; exit code 1, also when
a history could not be decided.
`;

function options(): { lab: boolean; minutes: number; rounds: number; seed: number; operations: number; faults: string[] | null } | null {
  const { values } = parseArgs({ options: {
    minutes: { type: 'string', default: '30' }, rounds: { type: 'string', default: 'Infinity' }, seed: { type: 'string' }, operations: { type: 'string', default: '4000' },
    faults: { type: 'string' }, lab: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
  } });
  const [minutes, rounds, operations] = [Number(values.minutes), Number(values.rounds), Number(values.operations)];
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
  const faults = values.faults?.split(',') ?? null;
  const known: readonly string[] = values.lab ? labFaultNames : Object.keys(faultKinds);
  const unknown = faults?.filter((name) => !known.includes(name)) ?? [];
  if (values.help) {
    console.log(help);
    return null;
  }
  if (!(minutes > 0) || !(rounds > 0) || !(operations > 0) || !Number.isInteger(seed) || unknown.length > 0) {
    console.error(`${unknown.length > 0 ? `no such fault: ${unknown.join(', ')}\n\n` : ''}${help}`);
    process.exitCode = 2;
    return null;
  }
  return { lab: values.lab, minutes, rounds, seed, operations, faults };
}

function line(round: number, report: RoundReport): string {
  const struck = new Map<string, number>();
  for (const fault of report.faults) {
    const name = fault.split('  ')[1]?.split(' ')[0] ?? '';
    struck.set(name, (struck.get(name) ?? 0) + 1);
  }
  return `round ${String(round)}, seed ${String(report.seed)}: ${String(report.operations)} operations (${String(report.unknown)} of unknown outcome), ${String(report.published)} versions published, `
    + `${[...struck].map(([name, count]) => `${String(count)} ${name}`).join(', ')}; at most ${String(report.mostSessions)} sessions: ${report.wrong.length === 0 ? 'well' : 'WRONG'}`;
}

const chosen = options();
if (chosen !== null) {
  const { lab, minutes, rounds, seed, operations, faults } = chosen;
  const until = performance.now() + minutes * 60_000;
  await using ground = lab ? await inTheLab(faults) : await onThisMachine(faults, (line) => { console.log(line); });
  const kinds = Object.keys(ground.struck.strikes);
  const further = new Random(seed);
  for (let round = 1, own = seed; round <= rounds && performance.now() < until; round += 1, own = further.below(2 ** 32)) {
    const report = await runRound(ground.target, ground.struck, own, operations);
    console.log(line(round, report));
    for (const told of report.undecided) console.log(`  ${told}`);
    // not shown to be wrong, so the search goes on; not shown to be right either
    if (report.undecided.length > 0) process.exitCode = 1;
    if (report.wrong.length === 0) continue;
    console.log(`\n${report.wrong.join('\n')}\n\nfaults:\n${report.faults.join('\n')}\n\nrepeat with: npm run chaos --${lab ? ' --lab' : ''} --seed ${String(own)} --rounds 1 --operations ${String(operations)} --faults ${kinds.join(',')}`);
    for (const words of await ground.lastWords()) console.log(`\n${words}`);
    process.exitCode = 1;
    break;
  }
}
