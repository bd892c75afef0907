#!/usr/bin/env node
// What follows needs Node.js 24; an older one has to be able to read at least this file, and say so.
const minimum = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < minimum) {
  process.stderr.write(`PLATFORM_UNSUPPORTED: Node.js ${minimum} is needed, this is ${process.versions.node}\n  Run it as "npx bulkhead" in the checkout, which brings its own.\n`);
  process.exitCode = 1;
} else {
  const { runCli } = await import('./run-cli.ts');
  await runCli(process.argv.slice(2), import.meta.dirname);
}

export {};
