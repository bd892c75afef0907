/** `npm run bench`: measures this server against others on this machine and writes docs/benchmarks.md. */
import { parseArgs } from 'node:util';
import { pin } from './framework/cores.ts';
import { circumstances } from './framework/machine.ts';
import { withinMinutes } from './framework/within-minutes.ts';
import type { Pace } from './framework/row.ts';
import { printed } from './report/table.ts';
import { keep, type Measured } from './report/results.ts';
import { writeDocument } from './report/document.ts';
import { rows } from './rows/index.ts';

const usage = `npm run bench -- [options]

Starts this server and others in turn, loads them, and writes the ratios to docs/benchmarks.md and bench/results.json.

  --only NAME    measure this row only; may be given several times. Rows that are not measured keep their last results
  --minutes N    measure as many rows as N minutes are enough for, the most telling ones first, with fewer and shorter slices; each in a process of
                 its own that is ended when its time is over. What was measured until then is kept
  --quick        short slices and few rounds: to see that everything works
  --scale N      artifacts in the row with many of them (default 10,000,000; with --quick 100,000)
  --json         print the results as JSON, and nothing else, to stdout
  --no-write     change no file
  --help

rows: ${rows.map(({ name }) => name).join(', ')}`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true }, quick: { type: 'boolean' }, json: { type: 'boolean' }, scale: { type: 'string' },
    'no-write': { type: 'boolean' }, brisk: { type: 'boolean' }, minutes: { type: 'string' }, help: { type: 'boolean' },
  },
});

function fail(text: string): never {
  console.error(`${text}\n\n${usage}`);
  process.exit(2);
}

async function main(): Promise<void> {
  const quick = values.quick === true;
  const unknown = (values.only ?? []).filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) fail(`There is no row ${unknown.join(', ')}.`);
  const scale = Number(values.scale ?? (quick ? 100_000 : 10_000_000));
  if (!Number.isInteger(scale) || scale < 1000) fail('--scale is a whole number of artifacts, 1000 or more.');
  const chosen = rows.filter(({ name }) => values.only?.includes(name) ?? true);
  if (values.minutes !== undefined) {
    const minutes = Number(values.minutes);
    if (!(minutes > 0)) fail('--minutes is a number above 0.');
    const passedOn = ['--brisk', ...(quick ? ['--quick'] : []), '--scale', String(values.scale ?? 100_000), ...(values['no-write'] === true ? ['--no-write'] : [])];
    process.exitCode = await withinMinutes(minutes, chosen.map(({ name }) => name), passedOn);
    return;
  }
  // between the two others: what --minutes passes on
  const brisk = values.brisk === true;
  const pace: Pace = { quick, seconds: quick ? 1 : brisk ? 2 : 3, rounds: quick ? 3 : brisk ? 5 : 7, scale, say: (text) => { console.error(`  ${text}`); } };
  // what is started from here has the generator's core, unless it is put elsewhere
  await pin(process.pid, 'generator');
  const measured: Measured[] = [];
  for (const row of chosen) {
    console.error(`${row.name}: ${row.title}`);
    const where = circumstances();
    try {
      const result = { name: row.name, title: row.title, quick, ...where, ...await row.run(pace) };
      measured.push(result);
      console.error(printed(result));
      // row by row: a long run that is broken off has not been in vain
      if (values['no-write'] !== true) await writeDocument(await keep([result], rows.map(({ name: each }) => each)));
    } catch (error) {
      process.exitCode = 1;
      console.error(`${row.name} could not be measured: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    }
  }
  if (values.json === true) console.log(JSON.stringify(measured, null, 2));
}

// servers and folders go with this process, however it ends
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => { process.exit(130); });
if (values.help === true) console.log(usage);
else await main();
