import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageFileOf, packagesBelow, packumentOf, packumentPath, plainTarballPath, tarballPath } from './paths.ts';

test('tarballs stand where clients publish them', () => {
  expect(tarballPath('leaf', '1.0.0')).toBe('leaf/-/leaf-1.0.0.tgz');
  expect(tarballPath('@acme/tree', '1.0.0')).toBe('@acme/tree/-/@acme/tree-1.0.0.tgz');
  expect(plainTarballPath('@acme/tree', '1.0.0')).toBe('@acme/tree/-/tree-1.0.0.tgz');
});

test('a path belongs to the package that it is a file of', () => {
  for (const name of ['leaf', '@acme/tree']) {
    expect(packageFileOf(tarballPath(name, '2.1.0-rc.1'))?.name).toBe(name);
    expect(packageFileOf(plainTarballPath(name, '2.1.0-rc.1'))?.name).toBe(name);
  }
  for (const path of ['leaf/leaf-1.0.0.tgz', '@acme/-/x.tgz', 'a/b/-/x.tgz', 'leaf/-/', 'leaf/-/a/b.tgz', '@acme/tree/-/@acme/deep/x.tgz', '']) expect(packageFileOf(path)).toBeNull();
});

test('packuments have paths of their own', () => {
  for (const name of ['leaf', '@acme/tree']) for (const form of ['full', 'abbreviated'] as const) expect(packumentOf(packumentPath(name, form))).toEqual({ name, form });
  expect(packumentOf('.npm/@acme/tree/package.json')).toEqual({ name: '@acme/tree', form: 'full' });
  for (const path of ['.npm/a/b/package.json', 'a/b/-/package.json', 'leaf/package.json', 'leaf/-/versions/1.0.0.json']) expect(packumentOf(path)).toBeNull();
});

test('what changes below a folder can only alter packages whose names it begins', () => {
  fc.assert(fc.property(fc.constantFrom('leaf', '@acme/tree'), fc.nat({ max: 4 }), (name, depth) => {
    const segments = tarballPath(name, '1.0.0').split('/').slice(0, -1);
    const folder = segments.slice(0, depth).map((segment) => `${segment}/`).join('');
    expect(`${name}/`.startsWith(packagesBelow(folder))).toBe(true);
  }));
  expect(packagesBelow('leaf/-/')).toBe('leaf/');
  expect(packagesBelow('@acme/')).toBe('@acme/');
  expect(packagesBelow('@acme/tree/-/')).toBe('@acme/tree/');
});
