import type { Level } from './levels.ts';

/** What one run of Vitest does of a level. */
export interface Part {
  readonly level: Level;
  readonly title: string;
  /** names the part in files; no other part has it */
  readonly name: string;
  /** of Vitest's command line: which files */
  readonly args: readonly string[];
  readonly seconds: number;
  /** it measures: nothing else may run beside it */
  readonly alone: boolean;
}

/** The parts of some levels, the longest first. Each test file of a level is in exactly one of its parts. */
export function partsOf(levels: readonly Level[]): Part[] {
  return levels.flatMap(dividedUp).sort((one, other) => other.seconds - one.seconds);
}

function dividedUp(level: Level): Part[] {
  const { project, title, seconds, shards = 1, measuring = [] } = level;
  const others = measuring.flatMap((file) => ['--exclude', file]);
  const parts = Array.from({ length: shards }, (_, index): Part => {
    const [number, count] = [String(index + 1), String(shards)];
    const shard = shards === 1 ? [] : [`--shard=${number}/${count}`];
    return {
      level, seconds: seconds / shards, alone: false, args: [...shard, ...others],
      title: shards === 1 ? title : `${title}, ${number}/${count}`, name: shards === 1 ? project : `${project}-${number}`,
    };
  });
  if (measuring.length === 0) return parts;
  return [...parts, { level, title: `${title}: times`, name: `${project}-times`, args: measuring, seconds: 0, alone: true }];
}
