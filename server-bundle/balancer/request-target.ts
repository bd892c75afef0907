/**
 * The path and query of a request line in origin form. Clients of a proxy may send the absolute form (RFC 9112 section
 * 3.2.2): its authority is dropped, the balancer alone decides where a request goes. Null for anything else (`*`, `host:port`).
 */
export function originForm(target: string): string | null {
  if (target.startsWith('/')) return target;
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(target);
  if (absolute === null) return null;
  const rest = absolute[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const internal = /^\/(?:artifactory\/)*api\/v1\/(?:mesh|cluster)(?![A-Za-z0-9_.~-])/i;

/**
 * Whether a target names the mesh or the cluster's own interface, in any spelling that some parser behind us might
 * read that way: percent-encoded (also more than once), with doubled or reversed slashes, dot segments or path parameters.
 * Refusing a spelling that no node would accept costs nothing.
 */
export function isInternal(target: string): boolean {
  const raw = target.split(/[?#]/, 1)[0] ?? '';
  let path = raw;
  for (let round = 0; round < 8; round += 1) {
    if (internal.test(simplify(path))) return true;
    const decoded = decodeOnce(path);
    if (decoded === path) return false;
    path = decoded;
  }
  return true;
}

/** Decodes what is well-formed and leaves the rest, byte by byte: an encoded slash beside a broken escape must not hide. */
function decodeOnce(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function simplify(path: string): string {
  const segments: string[] = [];
  for (const segment of path.replaceAll('\\', '/').split('/')) {
    const name = (segment.split(';', 1)[0] ?? '').trim();
    if (name === '' || name === '.') continue;
    if (name === '..') segments.pop();
    else segments.push(name);
  }
  return `/${segments.join('/')}`;
}
