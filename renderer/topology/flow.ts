/** How a wire shows what was measured on it. */
export interface Flow {
  /** nothing connects the two ends at present */
  readonly cut: boolean;
  /** dashes travel this many CSS pixels a second; 0 stands still */
  readonly speed: number;
  /** 0 (idle) to 1 (the busiest that is told apart); drives width and opacity where motion is unwanted */
  readonly strength: number;
}

/** Beyond this rate wires look the same. */
const busiest = 20_000;

/** Speed and strength grow with the logarithm of the rate, so 5 and 5 000 requests a second can be told apart. */
export function flowOf(perSecond: number, cut = false): Flow {
  if (cut || !(perSecond > 0.05)) return { cut, speed: 0, strength: 0 };
  const strength = Math.min(1, Math.log10(1 + perSecond) / Math.log10(1 + busiest));
  return { cut: false, speed: 10 + strength * 110, strength };
}
