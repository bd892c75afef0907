/** `npm run traps`: takes the rule of each trap out, in a copy of the sources, and sees its tests fail. */
import { parseArgs } from 'node:util';
import { writeDocument } from './document.ts';
import { traps } from './traps.ts';
import { Copy } from './without-rule.ts';

const help = `npm run traps -- [number …] [--write]

Each trap of docs/correctness.md has a rule, and tests that fail without it. This takes one rule after the other out, in a copy of the
sources, and runs its tests. Exit code 1 when a test passes without the rule that it is there for.

  number   only these traps
  --write  writes the table in docs/correctness.md, and runs nothing
`;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { write: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });

async function main(): Promise<void> {
  const chosen = positionals.length === 0 ? traps : traps.filter(({ number }) => positionals.includes(String(number)));
  await using copy = await Copy.make();
  for (const trap of chosen) {
    const wrong = await copy.without(trap);
    console.log(`${String(trap.number).padStart(2)}  ${wrong.length === 0 ? 'fails without its rule' : `NOT SHOWN: ${wrong.join('; ')}`}  (${trap.happens.slice(0, 80)})`);
    if (wrong.length > 0) process.exitCode = 1;
  }
}

if (values.help) console.log(help);
else if (values.write) await writeDocument(traps);
else await main();
