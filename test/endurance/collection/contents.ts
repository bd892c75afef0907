import { createHash } from 'node:crypto';
import { type Random } from '../../chaos/random.ts';

/** One of the few contents that all clients of a run upload again and again. */
export interface TestContent {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly sha1: string;
}

/** So many different contents, most of them small, each drawn from the seed. */
export function makeContents(count: number, random: Random): readonly [TestContent, ...TestContent[]] {
  const contents = Array.from({ length: count }, (_, number): TestContent => {
    const size = random.weighted({ small: 20, middle: 5, large: 1 });
    const length = 1 + random.below({ small: 400, middle: 20_000, large: 300_000 }[size]);
    const bytes = Buffer.alloc(length, `${String(number)} ${String(random.below(2 ** 31))} `);
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), sha1: createHash('sha1').update(bytes).digest('hex') };
  });
  const [first, ...rest] = contents;
  if (first === undefined) throw new RangeError('at least one content is needed');
  return [first, ...rest];
}
