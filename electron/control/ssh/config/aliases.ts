import type { ConfigFile } from './read-config.ts';

/** Names of single hosts that stand in Host lines, in their order. */
export function aliasesOf({ sections }: ConfigFile): string[] {
  const found = sections.flatMap(({ condition, body }) => [
    ...(condition?.keyword === 'host' ? condition.args.filter((arg) => !/[*?!]/.test(arg)) : []),
    ...body.flatMap((line) => ('files' in line ? line.files.flatMap(aliasesOf) : [])),
  ]);
  return [...new Set(found)];
}
