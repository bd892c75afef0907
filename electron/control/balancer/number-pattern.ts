/**
 * A regular expression (PCRE, and this language's own) for decimal numbers greater than `limit`, without leading zeros: maps in
 * nginx know patterns and no arithmetic.
 */
export function greaterThan(limit: number): string {
  const digits = String(limit);
  const longer = `[1-9][0-9]{${digits.length},}`;
  const sameLength = Array.from(digits).flatMap((digit, at) => {
    const from = Number(digit) + 1;
    if (from > 9) return [];
    const rest = digits.length - at - 1;
    return [`${digits.slice(0, at)}${from === 9 ? '9' : `[${from}-9]`}${rest === 0 ? '' : `[0-9]{${rest}}`}`];
  });
  return `^(?:${[longer, ...sameLength].join('|')})$`;
}
