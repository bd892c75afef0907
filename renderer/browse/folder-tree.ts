import type { FolderChild } from '../../electron/contract/index.ts';
import type { Failure } from '../format/failures.ts';

/** What is known of one folder. */
export interface FolderState {
  /** null until it was read */
  readonly children: readonly FolderChild[] | null;
  readonly loading: boolean;
  readonly failure: Failure | null;
}

/** One visible line of a tree. */
export interface TreeRow {
  /** empty for the repository itself */
  readonly path: string;
  readonly name: string;
  readonly folder: boolean;
  /** 1 for the repository */
  readonly level: number;
  readonly open: boolean;
  readonly loading: boolean;
  readonly failure: Failure | null;
  /** place among its siblings, from 1, and their number */
  readonly position: number;
  readonly siblings: number;
}

export const nothingRead: FolderState = { children: null, loading: false, failure: null };

/** The lines that are to be seen, top to bottom: the repository, and what lies in open folders. Folders come first, each by name. */
export function treeRows(repository: string, folders: ReadonlyMap<string, FolderState>, open: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (path: string, name: string, folder: boolean, level: number, position: number, siblings: number): void => {
    const state = folder ? folders.get(path) ?? nothingRead : nothingRead;
    const isOpen = folder && open.has(path);
    rows.push({ path, name, folder, level, open: isOpen, loading: state.loading && state.children === null, failure: state.failure, position, siblings });
    if (!isOpen) return;
    const children = sorted(state.children ?? []);
    children.forEach((child, index) => add(path === '' ? child.name : `${path}/${child.name}`, child.name, child.folder, level + 1, index + 1, children.length));
  };
  add('', repository, true, 1, 1, 1);
  return rows;
}

const collator = new Intl.Collator('en', { numeric: true });

function sorted(children: readonly FolderChild[]): FolderChild[] {
  return children.toSorted((a, b) => Number(b.folder) - Number(a.folder) || collator.compare(a.name, b.name));
}

/** The folder that something lies in; null for the repository itself. */
export function parentOf(path: string): string | null {
  if (path === '') return null;
  const end = path.lastIndexOf('/');
  return end === -1 ? '' : path.slice(0, end);
}

/** Every folder on the way to a path, from the repository down, without the path itself. */
export function foldersTo(path: string): string[] {
  const segments = path === '' ? [] : path.split('/');
  return segments.map((_, index) => segments.slice(0, index).join('/'));
}

export type TreeMove = { readonly go: string } | { readonly open: string } | { readonly close: string } | null;

/**
 * What a key does in a tree (WAI-ARIA Authoring Practices, tree view): arrows walk the lines, right opens or goes in, left closes or goes out,
 * a letter goes to the next name that begins with it.
 */
export function treeKey(rows: readonly TreeRow[], current: string, key: string, pageRows: number): TreeMove {
  const at = rows.findIndex(({ path }) => path === current);
  const row = rows[at];
  if (row === undefined) return rows[0] === undefined ? null : { go: rows[0].path };
  const go = (index: number): TreeMove => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, index))];
    return target === undefined ? null : { go: target.path };
  };
  switch (key) {
    case 'ArrowDown': return go(at + 1);
    case 'ArrowUp': return go(at - 1);
    case 'PageDown': return go(at + pageRows);
    case 'PageUp': return go(at - pageRows);
    case 'Home': return go(0);
    case 'End': return go(rows.length - 1);
    case 'ArrowRight': {
      if (!row.folder) return null;
      if (!row.open) return { open: row.path };
      return (rows[at + 1]?.level ?? 0) > row.level ? go(at + 1) : null;
    }
    case 'ArrowLeft': {
      if (row.open && row.path !== '') return { close: row.path };
      const parent = parentOf(row.path);
      return parent === null ? null : { go: parent };
    }
    default: {
      if (key.length !== 1 || key === ' ') return null;
      const letter = key.toLowerCase();
      const found = [...rows.slice(at + 1), ...rows.slice(0, at)].find(({ name }) => name.toLowerCase().startsWith(letter));
      return found === undefined ? null : { go: found.path };
    }
  }
}
