/*
 * Maven's order of versions, after the rules of org.apache.maven.artifact.versioning.ComparableVersion
 * (https://maven.apache.org/pom.html#version-order-specification):
 * - "." and "-" separate, and so does the change between digits and letters; a "-" and such a change begin a list within the list
 * - known qualifiers: alpha < beta < milestone < rc = cr < snapshot < "" = final = ga = release < sp; others come after sp, in alphabetical order
 * - trailing "null" values (0, "", final, ga, release) are dropped before each "-"
 */

type Item = { readonly kind: 'number'; readonly value: bigint } | { readonly kind: 'word'; readonly value: string } | Branch;
interface Branch { readonly kind: 'list'; readonly items: Item[] }

const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const aliases: ReadonlyMap<string, string> = new Map([['cr', 'rc'], ['final', ''], ['ga', ''], ['release', '']]);
/** only directly before a number: `1-a1` is `1-alpha-1`, `1-a` is not */
const abbreviations: ReadonlyMap<string, string> = new Map([['a', 'alpha'], ['b', 'beta'], ['m', 'milestone']]);

/** Negative, zero or positive, as Maven orders the two versions. */
export function compareVersions(a: string, b: string): number {
  return compareItems(parse(a), parse(b));
}

function parse(version: string): Branch {
  const text = version.toLowerCase();
  const root: Branch = { kind: 'list', items: [] };
  let list = root;
  const stack = [root];
  const begin = (): void => {
    const inner: Branch = { kind: 'list', items: [] };
    list.items.push(inner);
    list = inner;
    stack.push(inner);
  };
  let start = 0;
  let digits = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '.') {
      list.items.push(at === start ? { kind: 'number', value: 0n } : item(text.slice(start, at), digits, false));
      start = at + 1;
    } else if (character === '-') {
      if (at === start) {
        list.items.push({ kind: 'number', value: 0n });
      } else {
        // "1-1.foo-bar1" is read as if a word that follows a number had a "-" before it
        if (!digits && list.items.length > 0 && lastIsNumber(list)) begin();
        list.items.push(item(text.slice(start, at), digits, false));
      }
      start = at + 1;
      begin();
    } else if (character >= '0' && character <= '9') {
      if (!digits && at > start) {
        if (list.items.length > 0) begin();
        list.items.push(item(text.slice(start, at), false, true));
        start = at;
        begin();
      }
      digits = true;
    } else {
      if (digits && at > start) {
        list.items.push(item(text.slice(start, at), true, false));
        start = at;
        begin();
      }
      digits = false;
    }
  }
  if (text.length > start) {
    if (!digits && list.items.length > 0) begin();
    list.items.push(item(text.slice(start), digits, false));
  }
  for (const inner of stack.reverse()) normalize(inner);
  return root;
}

function lastIsNumber(list: Branch): boolean {
  return list.items.at(-1)?.kind === 'number';
}

function item(text: string, digits: boolean, beforeNumber: boolean): Item {
  if (digits) return { kind: 'number', value: BigInt(text) };
  const full = beforeNumber ? (abbreviations.get(text) ?? text) : text;
  return { kind: 'word', value: aliases.get(full) ?? full };
}

function isNull(candidate: Item): boolean {
  if (candidate.kind === 'number') return candidate.value === 0n;
  if (candidate.kind === 'word') return candidate.value === '';
  return candidate.items.length === 0;
}

/** Drops null values at the end, and those directly before a list. */
function normalize(list: Branch): void {
  for (let at = list.items.length - 1; at >= 0; at -= 1) {
    const candidate = list.items[at];
    if (candidate === undefined) break;
    if (isNull(candidate)) {
      if (at === list.items.length - 1 || list.items[at + 1]?.kind === 'list') list.items.splice(at, 1);
    } else if (candidate.kind !== 'list') {
      break;
    }
  }
}

/** Order of a qualifier as text that compares: its place among the known ones, or behind all of them. */
function rank(word: string): string {
  const known = qualifiers.indexOf(word);
  return known >= 0 ? String(known) : `${String(qualifiers.length)}-${word}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareItems(b, undefined);
  if (b === undefined) return compareWithNothing(a);
  if (a.kind === 'list' && b.kind === 'list') return compareLists(a, b);
  if (a.kind === 'number' && b.kind === 'number') return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  if (a.kind === 'word' && b.kind === 'word') return compareText(rank(a.value), rank(b.value));
  // 1.1 > 1-1 > 1-sp: a number beats a list, which beats a word
  const weight = { number: 2, list: 1, word: 0 };
  return weight[a.kind] - weight[b.kind];
}

function compareWithNothing(present: Item): number {
  if (present.kind === 'number') return present.value === 0n ? 0 : 1;
  if (present.kind === 'word') return compareText(rank(present.value), rank(''));
  for (const inner of present.items) {
    const result = compareItems(inner, undefined);
    if (result !== 0) return result;
  }
  return 0;
}

function compareLists(a: Branch, b: Branch): number {
  for (let at = 0; at < Math.max(a.items.length, b.items.length); at += 1) {
    const result = compareItems(a.items[at], b.items[at]);
    if (result !== 0) return result;
  }
  return 0;
}
