import { Parser } from 'htmlparser2';
import type { ListedFile } from './upstream-json.ts';

interface Anchor {
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
}

interface Page {
  /** of the element `base`; null without one */
  readonly base: string | null;
  readonly anchors: readonly Anchor[];
}

/** PEP 503 with the attributes of PEP 592, 658 and 714, of a project. */
export function filesInHtml(text: string): ListedFile[] {
  const { base, anchors } = read(text);
  return anchors.flatMap(({ attributes }) => {
    const [href = '', fragment = ''] = (attributes['href'] ?? '').split('#', 2);
    const fileName = lastSegment(href);
    if (fileName === null) return [];
    const yanked = attributes['data-yanked'];
    return [{
      fileName, address: base === null ? href : URL.parse(href, base)?.href ?? href, hashes: digest(fragment),
      requiresPython: attributes['data-requires-python'] ?? null, size: null, uploadedAt: null,
      yanked: yanked === undefined ? false : yanked === '' ? true : yanked,
      metadata: metadata(attributes['data-core-metadata'] ?? attributes['data-dist-info-metadata']),
    }];
  });
}

/** PEP 503, of a repository: names as they are written. */
export function namesInHtml(text: string): string[] {
  return read(text).anchors.map((anchor) => anchor.text.trim()).filter((name) => name !== '');
}

function read(text: string): Page {
  const anchors: Anchor[] = [];
  let base: string | null = null;
  let open: Anchor | undefined;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'base' && attributes['href'] !== undefined) base ??= attributes['href'];
      if (name !== 'a') return;
      open = { attributes, text: '' };
      anchors.push(open);
    },
    ontext: (more) => { if (open !== undefined) open.text += more; },
    onclosetag: (name) => { if (name === 'a') open = undefined; },
  }, { decodeEntities: true });
  parser.end(text);
  return { base, anchors };
}

function lastSegment(href: string): string | null {
  const [path = ''] = href.split('?', 1);
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)) || null;
  } catch {
    return null;
  }
}

/** `sha256=…` */
function digest(text: string): Record<string, string> {
  const match = /^([a-z0-9_]+)=([0-9a-f]+)$/i.exec(text.split('&', 1)[0] ?? '');
  return match === null ? {} : { [(match[1] ?? '').toLowerCase()]: (match[2] ?? '').toLowerCase() };
}

function metadata(text: string | undefined): Record<string, string> | boolean {
  if (text === undefined || text === 'false') return false;
  const digests = digest(text);
  return Object.keys(digests).length === 0 ? true : digests;
}
