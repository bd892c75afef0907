import { expect, it } from 'vitest';
import { foldersTo, parentOf, treeKey, treeRows, type FolderState } from './folder-tree.ts';

const read = (...names: string[]): FolderState => ({ children: names.map((name) => ({ name: name.replace('/', ''), folder: name.endsWith('/') })), loading: false, failure: null });
const folders = new Map<string, FolderState>([
  ['', read('b.txt', 'org/', 'a10.txt', 'a9.txt', 'com/')],
  ['org', read('acme/')],
  ['org/acme', read('x.jar')],
]);
const rows = (...open: string[]) => treeRows('libs', folders, new Set(open));
const paths = (...open: string[]): string[] => rows(...open).map(({ path }) => path);

it('lists what is open, folders first, names with numbers in order', () => {
  expect(paths()).toEqual(['']);
  expect(paths('')).toEqual(['', 'com', 'org', 'a9.txt', 'a10.txt', 'b.txt']);
  expect(paths('', 'org', 'org/acme')).toEqual(['', 'com', 'org', 'org/acme', 'org/acme/x.jar', 'a9.txt', 'a10.txt', 'b.txt']);
  // an open folder below a closed one is not to be seen
  expect(paths('', 'org/acme')).toEqual(paths(''));
});

it('says where each line stands', () => {
  expect(rows('', 'org').find(({ path }) => path === 'org')).toMatchObject({ name: 'org', level: 2, position: 2, siblings: 5, open: true });
  expect(rows('', 'org').find(({ path }) => path === 'org/acme')).toMatchObject({ level: 3, position: 1, siblings: 1, open: false, folder: true });
});

it('walks by keys', () => {
  const list = rows('', 'org');
  const press = (path: string, key: string) => treeKey(list, path, key, 3);
  expect(press('', 'ArrowDown')).toEqual({ go: 'com' });
  expect(press('com', 'ArrowUp')).toEqual({ go: '' });
  expect(press('', 'ArrowUp')).toEqual({ go: '' });
  expect(press('b.txt', 'ArrowDown')).toEqual({ go: 'b.txt' });
  expect(press('com', 'PageDown')).toEqual({ go: 'a9.txt' });
  expect(press('com', 'End')).toEqual({ go: 'b.txt' });
  expect(press('b.txt', 'Home')).toEqual({ go: '' });
  expect(press('org', 'ArrowRight')).toEqual({ go: 'org/acme' });
  expect(press('org/acme', 'ArrowRight')).toEqual({ open: 'org/acme' });
  expect(press('b.txt', 'ArrowRight')).toBeNull();
  expect(press('org', 'ArrowLeft')).toEqual({ close: 'org' });
  expect(press('org/acme', 'ArrowLeft')).toEqual({ go: 'org' });
  expect(press('', 'ArrowLeft')).toBeNull();
  expect(press('a9.txt', 'a')).toEqual({ go: 'a10.txt' });
  expect(press('a10.txt', 'A')).toEqual({ go: 'org/acme' });
  expect(press('com', 'z')).toBeNull();
  expect(press('gone', 'ArrowDown')).toEqual({ go: '' });
});

it('knows the way to a path', () => {
  expect(foldersTo('org/acme/x.jar')).toEqual(['', 'org', 'org/acme']);
  expect(foldersTo('')).toEqual([]);
  expect([parentOf('a/b'), parentOf('a'), parentOf('')]).toEqual(['a', '', null]);
});
