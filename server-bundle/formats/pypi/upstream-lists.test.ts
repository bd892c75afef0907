import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import type { FormatRepository } from '../format.ts';
import { mergeDocuments } from './merge.ts';
import { projectList, type ProjectFile } from './project-list.ts';
import { pypiRemote } from './remote.ts';
import { projectHtml } from './simple-html.ts';
import { projectJson } from './simple-json.ts';
import { readUpstreamNames, readUpstreamProject } from './upstream-lists.ts';
import { projectContent, projectsContent } from './written-lists.ts';

const at = new Date('2026-01-02T03:04:05Z');
const remote = (config: Record<string, unknown> = {}): FormatRepository => ({ id: 1, key: 'r', config: { remote: { url: 'https://index.example.org/' }, ...config } });

const html = `<!DOCTYPE html><html><head><base href="https://files.example.org/base/"><title>x</title></head><body>
<A HREF="my_pkg-1.0-py3-none-any.whl#sha256=${'A'.repeat(64)}" data-requires-python="&gt;=3.7" data-dist-info-metadata="sha256=${'b'.repeat(64)}">my_pkg-1.0-py3-none-any.whl</A><br>
<a href="/abs/my-pkg-0.9.tar.gz#md5=${'c'.repeat(32)}" data-yanked="it &quot;broke&quot;">my-pkg-0.9.tar.gz</a>
<a href='https://elsewhere.example.org/my_pkg-2.0-py3-none-any.whl?x=1' data-yanked data-core-metadata=true>my_pkg-2.0-py3-none-any.whl</a>
<a href="my_pkg-0.1-py2.7.egg">egg</a><a href="../../evil%2f..%2f.whl">evil</a><a href="%zz">broken</a><a>nothing</a>
</body></html>`;

describe('lists of an upstream', () => {
  it('are read from HTML', () => {
    const { list, files } = readUpstreamProject(Buffer.from(html), 'my-pkg');
    expect(list.versions).toEqual(['0.9', '1.0', '2.0']);
    expect(list.files.map((file) => [file.path, file.requiresPython, file.yanked, file.metadata])).toEqual([
      ['my-pkg/other/my_pkg-0.1-py2.7.egg', null, false, false],
      ['my-pkg/0.9/my-pkg-0.9.tar.gz', null, 'it "broke"', false],
      ['my-pkg/1.0/my_pkg-1.0-py3-none-any.whl', '>=3.7', false, { sha256: 'b'.repeat(64) }],
      ['my-pkg/2.0/my_pkg-2.0-py3-none-any.whl', null, true, true],
    ]);
    expect(list.files[2]?.hashes).toEqual({ sha256: 'a'.repeat(64) });
    expect([...files.values()].map(({ address }) => address)).toEqual([
      'https://files.example.org/base/my_pkg-1.0-py3-none-any.whl', 'https://files.example.org/abs/my-pkg-0.9.tar.gz',
      'https://elsewhere.example.org/my_pkg-2.0-py3-none-any.whl?x=1', 'https://files.example.org/base/my_pkg-0.1-py2.7.egg',
    ]);
    expect(readUpstreamNames(Buffer.from('<a href="b/">B.b</a><a href="a/">a</a><a href="x/">../x</a><a href="b/">b_b</a>'))).toEqual(['a', 'b-b']);
  });

  it('are of the version whose promises hold (PEP 700), and say nothing that nobody knows', () => {
    const listed = (file: object): { json: { meta: unknown; files: Record<string, unknown>[] }; html: string } => {
      const { list } = readUpstreamProject(Buffer.from(JSON.stringify({ files: [{ filename: 'my_pkg-1.0-py3-none-any.whl', url: 'x', hashes: {}, ...file }] })), 'my-pkg');
      return { json: JSON.parse(projectJson(list)) as { meta: unknown; files: Record<string, unknown>[] }, html: projectHtml(list) };
    };
    expect(listed({ size: 5 }).json.meta).toEqual({ 'api-version': '1.1' });
    expect(listed({}).json.meta).toEqual({ 'api-version': '1.0' });
    expect(listed({ yanked: '' }).json.files[0]).toMatchObject({ yanked: false });
    expect(listed({ yanked: '' }).html).not.toContain('data-yanked');
    expect(listed({ 'core-metadata': { sha512: 'ab' } }).html).toContain('data-core-metadata="sha512=ab"');
    expect(listed({ 'core-metadata': {} }).html).toContain('data-core-metadata="true"');
    expect(listed({}).html).not.toContain('data-core-metadata');
  });

  it('are read from JSON, without what makes no sense in them', () => {
    const json = { meta: { 'api-version': '1.0' }, name: 'my-pkg', files: [
      { filename: 'my_pkg-1.0.tar.gz', url: '../../f/my_pkg-1.0.tar.gz', hashes: { sha256: 'd'.repeat(64) }, 'requires-python': '>=3', size: 5, 'upload-time': '2020-01-01T00:00:00Z', yanked: 'no' },
      { filename: 'my_pkg-1.1-py3-none-any.whl', url: 'x', hashes: {}, 'data-dist-info-metadata': { sha256: 'e' }, 'core-metadata': 7 },
      { filename: 1 }, null, { filename: '../../x.whl', url: 'x', hashes: {} },
    ] };
    const { list } = readUpstreamProject(Buffer.from(JSON.stringify(json)), 'my-pkg');
    expect(list.files).toEqual([
      { fileName: 'my_pkg-1.0.tar.gz', path: 'my-pkg/1.0/my_pkg-1.0.tar.gz', hashes: { sha256: 'd'.repeat(64) }, requiresPython: '>=3', size: 5, uploadedAt: '2020-01-01T00:00:00Z', yanked: 'no', metadata: false },
      { fileName: 'my_pkg-1.1-py3-none-any.whl', path: 'my-pkg/1.1/my_pkg-1.1-py3-none-any.whl', hashes: {}, requiresPython: null, size: null, uploadedAt: null, yanked: false, metadata: { sha256: 'e' } },
    ]);
    expect(() => readUpstreamProject(Buffer.from('{"files": 1}'), 'x')).toThrow(BulkheadError);
    expect(readUpstreamNames(Buffer.from('{"projects":[{"name":"B"},{"name":"a"},{},7]}'))).toEqual(['a', 'b']);
    expect(() => readUpstreamNames(Buffer.from('{}'))).toThrow(BulkheadError);
  });

  it('say what to ask upstream for', async () => {
    const upstream = (path: string, repository = remote()) => pypiRemote.upstream(repository, path, async () => Buffer.from(html));
    expect(await upstream('.pypi/simple.json')).toMatchObject({ url: 'https://index.example.org/simple/', kind: 'document' });
    expect(await upstream('my-pkg/.pypi/simple.html', remote({ pyPIRegistryUrl: 'https://pypi.example.org/', pyPIRepositorySuffix: '/legacy/' }))).toMatchObject({ url: 'https://pypi.example.org/legacy/my-pkg/' });
    expect(await upstream('my-pkg/1.0/my_pkg-1.0-py3-none-any.whl')).toEqual({ url: 'https://files.example.org/base/my_pkg-1.0-py3-none-any.whl', kind: 'file', expected: { sha256: 'a'.repeat(64) } });
    expect(await upstream('my-pkg/1.0/my_pkg-1.0-py3-none-any.whl.metadata')).toEqual({ url: 'https://files.example.org/base/my_pkg-1.0-py3-none-any.whl.metadata', kind: 'file', expected: { sha256: 'b'.repeat(64) } });
    expect(await upstream('my-pkg/2.0/my_pkg-2.0-py3-none-any.whl.metadata')).toEqual({ url: 'https://elsewhere.example.org/my_pkg-2.0-py3-none-any.whl.metadata?x=1', kind: 'file', expected: {} });
    for (const path of ['my-pkg/.pypi/project.json', 'my-pkg/3.0/my_pkg-3.0-py3-none-any.whl', 'my-pkg/1.0.0/my_pkg-1.0-py3-none-any.whl', 'x', 'a/b/c/d']) expect(await upstream(path)).toBeNull();
    expect(await pypiRemote.upstream(remote(), 'my-pkg/1.0/x.whl', async () => undefined)).toBeNull();
    expect(['.pypi/simple.html', 'a/.pypi/simple.html', 'a/1/x'].map((path) => pypiRemote.sourceOf?.(path))).toEqual(['.pypi/simple.json', 'a/.pypi/simple.json', 'a/1/x']);
  });

  it('are merged, the first member first', () => {
    const file = (fileName: string, sha256: string): ProjectFile => ({ fileName, path: `a/${/\d\.\d/.exec(fileName)?.[0] ?? ''}/${fileName}`, hashes: { sha256 }, requiresPython: null, size: 1, uploadedAt: null, yanked: false, metadata: false });
    const parts = [['a-1.0.tar.gz', 'a-2.0.tar.gz'], ['a-2.0.tar.gz', 'a-1.5.tar.gz']].map((names, index) => ({
      repository: remote(), content: projectContent(projectList('a', names.map((name) => file(name, String(index)))), 'json', at),
    }));
    const merged = JSON.parse(mergeDocuments(remote(), 'a/.pypi/simple.json', parts).bytes.toString()) as { versions: string[]; files: { filename: string; hashes: { sha256: string } }[] };
    expect(merged.versions).toEqual(['1.0', '1.5', '2.0']);
    expect(merged.files.map((each) => `${each.filename} ${each.hashes.sha256}`)).toEqual(['a-1.0.tar.gz 0', 'a-1.5.tar.gz 1', 'a-2.0.tar.gz 0']);
    const names = mergeDocuments(remote(), '.pypi/simple.html', [['a', 'c'], ['b', 'c']].map((each) => ({ repository: remote(), content: projectsContent(each, 'html', at) })));
    expect(names.bytes.toString().match(/href="[^"]*"/g)).toEqual(['href="a/"', 'href="b/"', 'href="c/"']);
    expect(mergeDocuments(remote(), 'a/.pypi/project.json', parts)).toBe(parts[0]!.content);
  });

  it('end in a list or a code, whatever upstream sends; what was written is read again', () => {
    const soup = fc.array(fc.constantFrom('<a href="', 'a-1.0.tar.gz', '"', '>', '</a>', '<', '&', '&#x0;', '#sha256=', 'ab', '{"files":[', '{"filename":"a-1.0.tar.gz","url":"', ']}', ' ', '\0', '<base href="', 'http://', '%'), { maxLength: 30 });
    fc.assert(fc.property(fc.oneof(fc.string(), soup.map((parts) => parts.join(''))), (text) => {
      try {
        const { list } = readUpstreamProject(Buffer.from(text), 'a');
        for (const spelling of ['json', 'html'] as const) {
          const again = readUpstreamProject(projectContent(list, spelling, at).bytes, 'a').list;
          expect(again.files.map((file) => file.path)).toEqual(list.files.map((file) => file.path));
        }
        readUpstreamNames(Buffer.from(text));
      } catch (error) {
        expect(error).toMatchObject({ code: 'UPSTREAM_INVALID' });
      }
    }), { numRuns: 2000 });
  });
});
