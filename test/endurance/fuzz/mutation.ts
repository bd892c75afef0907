import type { Random } from '../../chaos/random.ts';

/** What parsers stumble over. */
const oddities: readonly string[] = [
  '', ' ', '.', '..', '/', '//', '\\', '%', '%2e%2e', '%2f', '%00', '%zz', '%c0%af', '%ff', '%F0%9F%92%A5', '\0', '\t', '\r\n', '\n', '\x7f', '\u00e9', '\u{1f4a5}', '\u202e', '\ufeff',
  '-', '_', '+', '*', '**', '?', '#', '!', '!/', ';', ';;', ';a=b', '=', '==', ',', '|', ':', '@', '&', '"', '\'', '`', '<', '>', '[', ']', '(', ')', '{', '}', '~', '^', '$',
  '-1', '0', '00', '1', '1.', '.1', '1e309', '-0', '2147483648', '9007199254740993', '18446744073709551616', '9'.repeat(400), 'NaN', 'Infinity', '0x10', 'null', 'undefined', 'true', 'false',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'a'.repeat(300), 'a/'.repeat(200), 'a'.repeat(4000), '('.repeat(500), '[['.repeat(200), '(a+)+$', '1.'.repeat(300),
  '<!DOCTYPE a [<!ENTITY b "c">]>', '<!ENTITY', '&b;', '&#0;', '&#x110000;', '<![CDATA[', ']]>', '<?xml', '!!js/function', '&a [*a]', '<<: *a', '%YAML 9.9', '---', '...',
  'sha256:', `sha256:${'0'.repeat(64)}`, `sha256:${'G'.repeat(64)}`, 'sha512:00', 'sha256-abc', 'bytes=', 'bytes=-', 'bytes=0-0,0-0', '2026-01-01T00:00:00Z', 'Thu, 99 Foo 2026 99:99:99 GMT', '${jndi:ldap://x}', '\' or 1=1 --', 'SNAPSHOT', 'maven-metadata.xml', '-SNAPSHOT',
];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Damages what is valid, in ways that follow from its random numbers alone. */
export class Mutation {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  odd(): string {
    return this.random.pick(oddities)!;
  }

  /** `text` with one to three places changed. */
  text(text: string): string {
    let result = text;
    for (let changes = 1 + this.random.below(3); changes > 0; changes -= 1) {
      const from = this.random.below(result.length + 1);
      const to = Math.min(result.length, from + this.random.below(12));
      const [before, middle, after] = [result.slice(0, from), result.slice(from, to), result.slice(to)];
      switch (this.random.below(6)) {
        case 0: result = before + this.odd() + after; break;
        case 1: result = before + this.odd() + middle + after; break;
        case 2: result = before + after; break;
        case 3: result = before + middle.repeat(1 + this.random.below(200)) + after; break;
        case 4: result = before + String.fromCharCode(this.random.below(256)) + after; break;
        default: result = this.odd();
      }
    }
    return result;
  }

  /** The text as it is, or mutated. */
  maybe(text: string, share = 0.5): string {
    return this.chance(share) ? this.text(text) : text;
  }

  bytes(bytes: Buffer): Buffer {
    let result = Buffer.from(bytes);
    for (let changes = 1 + this.random.below(6); changes > 0; changes -= 1) {
      const at = this.random.below(result.length + 1);
      const length = this.random.below(64);
      switch (this.random.below(6)) {
        case 0: if (at < result.length) result[at] = this.random.below(256); break;
        case 1: result.fill(this.random.pick([0, 255, 127, 128]), at, Math.min(result.length, at + length)); break;
        case 2: result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]); break;
        case 3: result = Buffer.concat([result.subarray(0, at + length), result.subarray(at)]); break;
        case 4: result = Buffer.concat([result.subarray(0, at), Buffer.from(this.odd()), result.subarray(at)]); break;
        default: result = result.subarray(0, at);
      }
    }
    return result;
  }

  /** A value of any kind; sometimes very deep. */
  json(): Json {
    switch (this.random.below(9)) {
      case 0: return null;
      case 1: return this.chance(0.5);
      case 2: return this.random.pick([0, -1, 1.5, 1e308, 2 ** 53, -(2 ** 31)]);
      case 3: return [];
      case 4: return {};
      case 5: return [this.odd(), 1, null, {}];
      case 6: return { [this.odd()]: this.odd(), a: [] };
      case 7: return nested(this.random.below(400));
      default: return this.odd();
    }
  }

  /** The same document with a node replaced, removed or renamed. */
  document(value: Json): Json {
    if (this.chance(0.15) || typeof value !== 'object' || value === null) return typeof value === 'string' && this.chance(0.6) ? this.text(value) : this.json();
    if (Array.isArray(value)) {
      const items = value as readonly Json[];
      const at = this.random.below(items.length + 1);
      if (at === items.length) return [...items, this.json()];
      return this.chance(0.2) ? items.toSpliced(at, 1) : items.with(at, this.document(items[at]!));
    }
    const entries = Object.entries(value as Readonly<Record<string, Json>>);
    const at = this.random.below(entries.length + 1);
    const entry = entries[at];
    if (entry === undefined) return Object.fromEntries([...entries, [this.odd(), this.json()]]);
    const [key, item] = entry;
    const changed: [string, Json][] = this.chance(0.12) ? [] : this.chance(0.12) ? [[this.text(key), item]] : [[key, this.document(item)]];
    return Object.fromEntries(entries.toSpliced(at, 1, ...changed));
  }

  /** A mutated document as text, now and then no JSON at all. */
  jsonText(value: Json): string {
    const text = JSON.stringify(this.chance(0.9) ? this.document(value) : value);
    return this.chance(0.08) ? this.text(text) : text;
  }
}

function nested(depth: number): Json {
  let value: Json = 'x';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
