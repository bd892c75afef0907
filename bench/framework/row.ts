import type { Spread } from './statistics.ts';

/** What is to be reached. */
export interface Target { readonly sense: 'at least' | 'at most'; readonly value: number }

/** One line of the table: a figure of ours, mostly held against a peer's of the same run. */
export interface Figure {
  /** for example "requests/s against nginx" */
  readonly what: string;
  /** of `ours` and `theirs` */
  readonly unit: string;
  readonly ours: Spread;
  /** null: the figure is held against an absolute target */
  readonly theirs: Spread | null;
  readonly peer: string | null;
  /** ours / theirs, round by round; null without a peer */
  readonly ratio: Spread | null;
  readonly target: Target | null;
}

export interface RowResult {
  readonly figures: readonly Figure[];
  /** what a reader has to know beside the figures */
  readonly notes: readonly string[];
}

/** How much time a run takes. */
export interface Pace {
  readonly quick: boolean;
  /** of one slice */
  readonly seconds: number;
  /** slices of each subject */
  readonly rounds: number;
  /** artifacts of the large cluster */
  readonly scale: number;
  /** told what is under way */
  readonly say: (text: string) => void;
}

export interface Row {
  /** for --only */
  readonly name: string;
  readonly title: string;
  run(pace: Pace): Promise<RowResult>;
}

/** Whether a figure is what it should be; null without a target. */
export function reached({ target, ratio, ours }: Figure): boolean | null {
  if (target === null) return null;
  const { median } = ratio ?? ours;
  return target.sense === 'at least' ? median >= target.value : median <= target.value;
}
