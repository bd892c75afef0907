import { ask, local, root, type Target, text } from '../target.ts';

const ranges = ['bytes=0-3', 'bytes=-5', 'bytes=2-', 'bytes=0-0,2-3', 'bytes=5-2', 'bytes=0-1,1-2,2-3', 'items=0-1', 'bytes=0-99999999999999999999'];
const dates = ['Thu, 01 Jan 2026 00:00:00 GMT', '"abc"', 'W/"abc"', '*', '"a", "b"'];

/** Ranges and conditions on a file that is there. */
export const rangeRequests: Target = (mutation) => {
  const many = mutation.chance(0.05) ? `bytes=${Array.from({ length: 1500 }, (_, at) => `${String(at)}-${String(at)}`).join(',')}` : null;
  const headers: [string, string][] = [['Range', many ?? mutation.maybe(mutation.random.pick(ranges)!, 0.8)]];
  if (mutation.chance(0.4)) headers.push([mutation.random.pick(['If-Range', 'If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since']), mutation.maybe(mutation.random.pick(dates)!)]);
  return ask(mutation.chance(0.8) ? 'GET' : 'HEAD', `${root}/${mutation.random.pick([`${local.generic}/a/b.txt`, `${local.generic}/a/big.bin`, `${local.generic}/archive.zip!/inside.txt`])}`, { headers });
};

const samples: Readonly<Record<string, readonly string[]>> = {
  Authorization: ['Basic YWRtaW46eA==', 'Bearer abc.def.ghi', 'Basic', 'Digest username="a"', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  'X-JFrog-Art-Api': ['abc'], 'X-Checksum-Sha256': ['0'.repeat(64)], 'X-Checksum-Sha1': ['0'.repeat(40)], 'X-Checksum-Md5': ['0'.repeat(32)], 'X-Checksum': ['0'.repeat(40)], 'X-Checksum-Deploy': ['true'],
  Digest: ['sha-256=AAAA', 'SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='], 'Repr-Digest': ['sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'], 'Content-Digest': ['sha-256=::'],
  'Content-Type': ['text/plain; charset=utf-8', 'application/json', 'multipart/form-data; boundary=x'], 'Content-Encoding': ['gzip', 'identity'], Accept: ['application/json', '*/*;q=0.5, text/html', 'application/vnd.npm.install-v1+json; q=1.0'],
  'Accept-Encoding': ['gzip, br;q=0', '*'], 'X-Forwarded-For': ['10.0.0.1', '10.0.0.1, 127.0.0.1'], 'X-Bulkhead-Request-Id': ['5a6b'], Forwarded: ['for=10.0.0.1'], Host: ['example.org', '[::1]:80'],
  Expect: ['100-continue'], Upgrade: ['websocket', 'h2c'], Connection: ['keep-alive', 'upgrade, x'], Cookie: ['a=b; c'], 'Content-Range': ['bytes 0-1/2'], 'X-Result-Detail': ['info, properties'], 'X-Explode-Archive': ['true'], Te: ['trailers'],
};

/** One to four headers that a node reads, on reads and writes alike. */
export const headerValues: Target = (mutation) => {
  const headers = Array.from({ length: 1 + mutation.random.below(4) }, (): [string, string] => {
    const name = mutation.random.pick(Object.keys(samples))!;
    return [mutation.chance(0.03) ? mutation.text(name) : name, mutation.maybe(mutation.random.pick(samples[name]!)!, 0.75)];
  });
  if (mutation.chance(0.02)) headers.push(['X-Large', 'x'.repeat(40_000)]);
  const target = mutation.random.pick([`/${local.generic}/a/b.txt`, `/api/storage/${local.generic}/a`, `/api/npm/${local.npm}/fuzz`, `/api/pypi/${local.pypi}/simple/fuzz/`, '/api/system/version', `/${local.generic}/h/${String(mutation.random.below(50))}`]);
  return mutation.chance(0.5) ? ask('GET', root + target, { headers }) : ask('PUT', `${root}/${local.generic}/h/${String(mutation.random.below(50))}`, { headers, body: text(mutation.odd()) });
};

/** Bodies that are not as long as they were said to be, and what smuggling is made of. */
export const framing: Target = (mutation) => {
  const target = `${root}/${mutation.random.pick([`${local.generic}/f/a`, `${local.maven}/org/acme/f/1/f-1.pom`])}`;
  const body = text('x'.repeat(mutation.random.below(3000)));
  switch (mutation.random.below(6)) {
    case 0: return ask('PUT', target, { body, declaredLength: body.length + 1 + mutation.random.below(100), broken: true });
    case 1: return ask('PUT', target, { body: text(mutation.text(`5\r\nhello\r\n0\r\n\r\n`)), headers: [['Transfer-Encoding', mutation.maybe('chunked', 0.3)]], broken: true });
    case 2: return ask('PUT', target, { body, headers: [['Content-Length', mutation.text(String(body.length))]], broken: true });
    case 3: return ask('PUT', target, { body: text('0\r\n\r\n'), headers: [['Transfer-Encoding', 'chunked'], ['Content-Length', '5']], broken: true });
    case 4: return ask(mutation.text('GET'), mutation.text(target), { broken: true });
    default: return ask('GET', target, { headers: [[mutation.odd(), mutation.odd()]], broken: true });
  }
};
