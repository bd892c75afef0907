import type { Child } from '../../metadata/folders.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** A folder as a plain page of links, for browsers and for tools that read listings. @param path ends in "/", or is empty */
export function folderPage(repositoryKey: string, path: string, children: readonly Child[]): string {
  const title = escaped(`Index of ${repositoryKey}/${path}`);
  const links = children.map(({ name, folder }) => {
    const slash = folder ? '/' : '';
    return `<a href="./${encodeURIComponent(name)}${slash}">${escaped(name)}${slash}</a>`;
  });
  const lines = path === '' ? links : ['<a href="../">../</a>', ...links];
  return `<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<pre>\n${lines.join('\n')}\n</pre>\n</body>\n</html>\n`;
}
