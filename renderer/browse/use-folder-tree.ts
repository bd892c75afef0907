import { computed, ref, shallowReactive, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { useClient } from '../connection/client.ts';
import { asFailure } from '../format/failures.ts';
import { foldersTo, nothingRead, treeRows, type FolderState, type TreeRow } from './folder-tree.ts';

export interface FolderTree {
  readonly rows: ComputedRef<TreeRow[]>;
  readonly selected: Ref<string>;
  readonly setOpen: (path: string, open: boolean) => void;
  /** Opens the way to a path and selects it. */
  readonly reveal: (path: string) => Promise<void>;
  /** Reads a folder again that is shown, because something changed in it; null reads them all. */
  readonly refresh: (path: string | null) => Promise<void>;
}

/** The folders of one repository, read as they are opened. */
export function useFolderTree(place: () => { clusterId: string; repository: string }): FolderTree {
  const client = useClient();
  const folders = shallowReactive(new Map<string, FolderState>());
  const open = shallowRef<ReadonlySet<string>>(new Set(['']));
  const selected = ref('');

  async function read(path: string): Promise<void> {
    const { clusterId, repository } = place();
    const before = folders.get(path) ?? nothingRead;
    folders.set(path, { ...before, loading: true, failure: null });
    const isCurrent = (): boolean => place().clusterId === clusterId && place().repository === repository;
    try {
      const item = await client.call('artifacts.item', { clusterId, repository, path });
      if (isCurrent()) folders.set(path, { children: item.kind === 'folder' ? item.children : [], loading: false, failure: null });
    } catch (error) {
      if (isCurrent()) folders.set(path, { ...before, loading: false, failure: asFailure(error) });
    }
  }

  function setOpen(path: string, isOpen: boolean): void {
    const next = new Set(open.value);
    if (isOpen) next.add(path);
    else next.delete(path);
    open.value = next;
    if (isOpen && (folders.get(path)?.children ?? null) === null) void read(path);
  }

  async function reveal(path: string): Promise<void> {
    const way = foldersTo(path);
    open.value = new Set([...open.value, ...way]);
    selected.value = path;
    await Promise.all(way.filter((folder) => !folders.has(folder)).map(read));
  }

  async function refresh(path: string | null): Promise<void> {
    // a folder that is gone with its last file is missed by the one above it
    const shown = path === null ? [...folders.keys()] : [...foldersTo(path), path].filter((folder) => folders.has(folder));
    await Promise.all(shown.map(read));
  }

  watch(() => `${place().clusterId} ${place().repository}`, () => {
    folders.clear();
    open.value = new Set(['']);
    selected.value = '';
    void read('');
  }, { immediate: true });
  const rows = computed(() => treeRows(place().repository, folders, open.value));
  return { rows, selected, setOpen, reveal, refresh };
}
