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

export interface Extent {
  /** also the files that are left to long runs */
  readonly all: boolean;
}

/** The parts of some levels, the longest first. Each test file of a level is in exactly one of its parts; one that is left to long runs in none, unless all are wanted. */
export function partsOf(levels: readonly Level[], extent: Extent = { all: false }): Part[] {
  return levels.flatMap((level) => dividedUp(level, extent)).sort((one, other) => other.seconds - one.seconds);
}

function dividedUp(level: Level, { all }: Extent): Part[] {
  const { project, title, seconds, shards = 1, measuring = [], long = [] } = level;
  const others = [...measuring, ...all ? [] : long].flatMap((file) => ['--exclude', file]);
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
