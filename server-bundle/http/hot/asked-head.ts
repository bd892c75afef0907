/** What of a request's header fields says how a plain read is answered. */
export interface AskedHead {
  authorization: string | undefined;
  /** `X-Forwarded-For` */
  forwarded: string | undefined;
  /** `X-Request-Id` */
  requestId: string | undefined;
}

/** What a field means for a plain read: nothing; that it is none; or something that is looked at. */
type Meaning = 'nothing' | 'special' | 'host' | keyof AskedHead;

/** Whatever changes what a GET means, or says that it has a body. */
const special = [
  'range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'expect', 'upgrade', 'content-length', 'transfer-encoding',
  'x-bulkhead-trial', 'x-jfrog-art-api',
] as const;

const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ...special.map((name) => [name, 'special'] as const),
  ['host', 'host'], ['authorization', 'authorization'], ['x-forwarded-for', 'forwarded'], ['x-request-id', 'requestId'],
]);

/** Names as clients write them, in upper and lower case: so many are remembered. */
const mostSpellings = 1024;
/** Longer names are not what anybody asks for again and again; a client may make them as long as a head. */
const longestSpelling = 64;
const spellings = new Map<string, Meaning>();

function meaningOf(name: string): Meaning {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const meaning = meanings.get(name.toLowerCase()) ?? 'nothing';
  if (name.length <= longestSpelling && spellings.size < mostSpellings) spellings.set(name, meaning);
  return meaning;
}

/**
 * Reads the header fields of a request, names and values in turn as they came. Null when they make it anything else than a plain read (a condition, a range, a body), when `Host`
 * is missing, and when a field that is looked at came twice: how those are put together is for the long way.
 */
export function askedHead(fields: readonly string[]): AskedHead | null {
  const head: AskedHead = { authorization: undefined, forwarded: undefined, requestId: undefined };
  let hosts = 0;
  for (let index = 0; index < fields.length; index += 2) {
    const meaning = meaningOf(fields[index] ?? '');
    if (meaning === 'nothing') continue;
    if (meaning === 'special') return null;
    if (meaning === 'host') {
      hosts += 1;
      continue;
    }
    if (head[meaning] !== undefined) return null;
    head[meaning] = fields[index + 1];
  }
  return hosts === 1 ? head : null;
}
