import { relativeAddress, type ProjectFile, type ProjectList } from './project-list.ts';

/** PEP 503 with the attributes of PEP 592, 658 and 714. */
export function projectHtml({ project, files }: ProjectList): string {
  return page(`Links for ${project}`, files.map((file) => anchor(address(file), file.fileName, attributes(file))));
}

/** PEP 503, of a repository. */
export function projectsHtml(names: readonly string[]): string {
  return page('Simple index', names.map((name) => anchor(`${encodeURIComponent(name)}/`, name, [])));
}

function page(title: string, anchors: readonly string[]): string {
  return [
    '<!DOCTYPE html>', '<html>', '  <head>', '    <meta name="pypi:repository-version" content="1.1">', `    <title>${escaped(title)}</title>`, '  </head>',
    '  <body>', `    <h1>${escaped(title)}</h1>`, ...anchors.map((each) => `    ${each}<br>`), '  </body>', '</html>', '',
  ].join('\n');
}

function address({ path, hashes }: ProjectFile): string {
  const [algorithm] = 'sha256' in hashes ? ['sha256'] : Object.keys(hashes);
  return relativeAddress(path) + (algorithm === undefined ? '' : `#${algorithm}=${hashes[algorithm] ?? ''}`);
}

function attributes({ requiresPython, yanked, metadata }: ProjectFile): [string, string][] {
  const [algorithm] = typeof metadata === 'boolean' ? [] : 'sha256' in metadata ? ['sha256'] : Object.keys(metadata);
  const digest = typeof metadata === 'boolean' || algorithm === undefined ? 'true' : `${algorithm}=${metadata[algorithm] ?? ''}`;
  return [
    ...(requiresPython === null ? [] : [['data-requires-python', requiresPython] satisfies [string, string]]),
    ...(metadata === false ? [] : [['data-dist-info-metadata', digest], ['data-core-metadata', digest]] satisfies [string, string][]),
    ...(yanked === false ? [] : [['data-yanked', yanked === true ? '' : yanked] satisfies [string, string]]),
  ];
}

function anchor(href: string, text: string, more: readonly (readonly [string, string])[]): string {
  const all = [['href', href], ...more].map(([name = '', value = '']) => ` ${name}="${escaped(value)}"`).join('');
  return `<a${all}>${escaped(text)}</a>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
