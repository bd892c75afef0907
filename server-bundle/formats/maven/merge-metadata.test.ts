import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComputedContent, DocumentPart } from '../format.ts';
import { mergeMetadata } from './merge-metadata.ts';
import { parseMetadata, type Metadata } from './parse-metadata.ts';

const repository = { id: 1, key: 'r', config: {} };
const part = (body: string, modifiedAt = new Date('2026-01-01T00:00:00Z')): DocumentPart =>
  ({ repository, content: { bytes: Buffer.from(`<?xml version="1.0"?>\n<metadata>${body}</metadata>`), modifiedAt } satisfies ComputedContent });
const merged = (...parts: DocumentPart[]): Metadata => parseMetadata(mergeMetadata(parts).bytes)!;
const versions = (...list: string[]): string => `<groupId>g</groupId><artifactId>a</artifactId><versioning><latest>9</latest><release>9</release><versions>${
  list.map((version) => `<version>${version}</version>`).join('')}</versions><lastUpdated>2026010${String(list.length)}000000</lastUpdated></versioning>`;
const snapshot = (value: string, updated: string, classifier = ''): string => `<snapshotVersion>${classifier === '' ? '' : `<classifier>${classifier}</classifier>`}<extension>jar</extension><value>${value}</value><updated>${updated}</updated></snapshotVersion>`;

describe('merged metadata', () => {
  it('unites versions in Maven\'s order and makes latest and release anew', () => {
    const bytes = mergeMetadata([part(versions('1.10', '2.0-SNAPSHOT')), part(versions('1.2', '1.10', '1.9'))]).bytes.toString();
    expect(parseMetadata(Buffer.from(bytes))).toMatchObject({
      groupId: 'g', artifactId: 'a', versions: ['1.2', '1.9', '1.10', '2.0-SNAPSHOT'], lastUpdated: '20260103000000',
    });
    expect(bytes).toContain('<latest>2.0-SNAPSHOT</latest>');
    expect(bytes).toContain('<release>1.10</release>');
  });

  it('takes the newest file of each kind of a snapshot', () => {
    const level = (build: string, ...files: string[]): string => `<version>1-SNAPSHOT</version><versioning><snapshot><timestamp>20260101.00000${build}</timestamp><buildNumber>${build}</buildNumber></snapshot><snapshotVersions>${files.join('')}</snapshotVersions></versioning>`;
    const result = merged(
      part(level('2', snapshot('1-2', '20260102'), snapshot('1-2', '20260102', 'sources'))),
      part(level('3', snapshot('1-3', '20260103'), snapshot('1-1', '20260101', 'sources'))),
    );
    expect(result.version).toBe('1-SNAPSHOT');
    expect(result.snapshot).toEqual({ timestamp: '20260101.000003', buildNumber: 3 });
    expect(result.snapshotVersions.map(({ classifier, value }) => [classifier, value])).toEqual([[null, '1-3'], ['sources', '1-2']]);
  });

  it('unites plugins; of two for one artifact the earlier member\'s stays', () => {
    const plugin = (name: string, artifactId: string): string => `<plugin><name>${name}</name><prefix>${artifactId}</prefix><artifactId>${artifactId}</artifactId></plugin>`;
    const result = merged(part(`<plugins>${plugin('B &amp; first', 'b')}</plugins>`), part(`<plugins>${plugin('second', 'b')}${plugin('A', 'a')}</plugins>`));
    expect(result.plugins.map(({ name }) => name)).toEqual(['A', 'B & first']);
  });

  it('leaves out what is no metadata', () => {
    for (const text of ['<html><body>404</body></html>', '<!DOCTYPE x [<!ENTITY a "b">]><metadata/>', 'no xml', '<metadata']) {
      expect(parseMetadata(Buffer.from(text)), text).toBeUndefined();
    }
    expect(merged(part(versions('1')), { repository, content: { bytes: Buffer.from('<html/>'), modifiedAt: new Date(0) } }).versions).toEqual(['1']);
  });

  it('never fails, whatever upstream sends', () => {
    const piece = fc.constantFrom('<metadata>', '</metadata>', '<versioning>', '<versions>', '<version>', '</version>', '<plugin>', '<snapshot/>', '&amp;', '<![CDATA[', ']]>', '<!--', '-->', '1.0', '\u0000', '<a b="c">');
    fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      const content = { bytes: Buffer.from(pieces.join('')), modifiedAt: new Date(0) };
      parseMetadata(content.bytes);
      mergeMetadata([{ repository, content }, part(versions('1'))]);
    }), { numRuns: 500 });
  });

  it('does not depend on the order of members for what it unites', () => {
    const list = fc.uniqueArray(fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => `${String(a)}.${String(b)}`), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(list, list, (one, other) => {
      const [a, b] = [merged(part(versions(...one)), part(versions(...other))), merged(part(versions(...other)), part(versions(...one)))];
      expect(new Set(a.versions)).toEqual(new Set([...one, ...other]));
      expect(a.versions).toEqual(b.versions);
    }), { numRuns: 200 });
  });
});
