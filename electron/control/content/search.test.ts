import { expect, it } from 'vitest';
import { asArtifactory } from './search.ts';

it('asks in the words of Artifactory', () => {
  expect(asArtifactory({ by: 'name', name: 'core-*.jar' })).toEqual({ kind: 'artifact', asked: { name: 'core-*.jar' } });
  expect(asArtifactory({ by: 'checksum', checksum: 'a'.repeat(32) })).toEqual({ kind: 'checksum', asked: { md5: 'a'.repeat(32) } });
  expect(asArtifactory({ by: 'checksum', checksum: 'a'.repeat(40) })).toEqual({ kind: 'checksum', asked: { sha1: 'a'.repeat(40) } });
  expect(asArtifactory({ by: 'checksum', checksum: 'a'.repeat(64) })).toEqual({ kind: 'checksum', asked: { sha256: 'a'.repeat(64) } });
  expect(asArtifactory({ by: 'property', properties: { 'build.name': 'billing', stage: '' } })).toEqual({ kind: 'prop', asked: { 'build.name': 'billing', stage: '' } });
  expect(asArtifactory({ by: 'coordinates', group: 'com.acme', version: '1.0' })).toEqual({ kind: 'gavc', asked: { g: 'com.acme', v: '1.0' } });
});
