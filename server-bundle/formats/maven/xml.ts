/** An XML element whose content is text or further elements; as text that is escaped already. */
export type Xml = { readonly xml: string };

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);

export function element(name: string, content: string | readonly Xml[], attributes: Readonly<Record<string, string>> = {}): Xml {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escaped(value)}"`)].join(' ');
  if (typeof content === 'string') return { xml: `<${head}>${escaped(content)}</${name}>` };
  const inner = content.map((child) => child.xml.replace(/^/gm, '  ')).join('\n');
  return { xml: `<${head}>\n${inner}\n</${name}>` };
}

export function xmlDocument(root: Xml): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}\n`);
}

/** `yyyyMMddHHmmss` in UTC, as Maven writes times. */
export function mavenTime(date: Date): string {
  return date.toISOString().replace(/\D/g, '').slice(0, 14);
}

/** What one level adds to a metadata document. */
export interface MetadataPart {
  readonly elements: readonly Xml[];
  readonly modifiedAt: Date;
  /** of a snapshot: paths of its newest files, by kind */
  readonly newest?: ReadonlyMap<string, string>;
}

export function latest(dates: readonly Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}
