import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { NodeApi } from '../node-api/index.ts';

/** Folders that are listed at once. */
const atOnce = 6;

/** Of some paths those at which there is something already. Each folder is read once, however many of them lie in it. */
export async function takenPaths(node: NodeApi, repository: string, paths: readonly string[], signal: AbortSignal): Promise<string[]> {
  const byFolder = [...Map.groupBy(paths, (path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))))];
  const taken = new Set<string>();
  const worker = async (): Promise<void> => {
    for (let next = byFolder.pop(); next !== undefined; next = byFolder.pop()) {
      const [folder, inside] = next;
      const names = await namesIn(node, repository, folder, signal);
      for (const path of inside) if (names.has(path.slice(path.lastIndexOf('/') + 1))) taken.add(path);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, byFolder.length) }, worker));
  return paths.filter((path) => taken.has(path));
}

async function namesIn(node: NodeApi, repository: string, folder: string, signal: AbortSignal): Promise<Set<string>> {
  try {
    const item = await node.content.item(repository, folder, signal);
    return new Set(item.kind === 'folder' ? item.children.map(({ uri }) => uri.replace(/^\//, '')) : []);
  } catch (error) {
    if (error instanceof BulkheadError && error.code === 'ARTIFACT_NOT_FOUND') return new Set();
    throw error;
  }
}
