import { contentFilePath, type ArtifactEffect, type ArtifactItem, type RepositoryClass } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';
import { countOf, formatBytes } from '../format/numbers.ts';

/** Where this app gives a file out to be kept. */
export function downloadAddress(clusterId: string, repository: string, path: string): string {
  return `${contentFilePath}?${new URLSearchParams({ cluster: clusterId, repository, path }).toString()}`;
}

/** Who notices, and whether it can be had again. */
function consequences(rclass: RepositoryClass, effect: ArtifactEffect | null): string[] {
  if (rclass === 'remote') return ['Whoever asks for it next gets it from the upstream, which is asked again; what that has not got any more is lost.'];
  return ['Builds and installs that ask for it get “not found” as soon as this is done, on every node.', ...effect?.trash === true ? [] : ['This cannot be undone: the cluster keeps no trash can.']];
}

/** Deletes what is shown; the question names what goes with it. @param rclass of its repository @param effect null: not known yet */
export function removeItemAction(item: ArtifactItem, rclass: RepositoryClass, clusterId: string, effect: ArtifactEffect | null, blocked: string | null, onRemoved: () => void): Action {
  const { repository, path, kind } = item;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const content = effect === null ? '' : kind === 'file' ? formatBytes(effect.bytes) : `${countOf(effect.files, 'file')}, ${formatBytes(effect.bytes)}`;
  return {
    id: `artifact.remove:${repository}/${path}`, subject: `artifact:${repository}/${path}`, label: 'Delete', progress: `Deleting ${name}`, tone: 'danger',
    blocked: blocked ?? (effect === null ? 'Finding out what goes with it' : null),
    explanation: kind === 'file' ? 'Takes this file out of the repository.' : 'Takes this folder and everything in it out of the repository.',
    question: {
      title: kind === 'file' ? `Delete ${name}?` : `Delete the folder ${name}?`,
      does: [`${repository}/${path} is taken away${kind === 'folder' ? ' with everything in it' : ''}: ${content}.`, ...effect?.trash === true ? ['It goes to the trash can and can be restored from there.'] : []],
      breaks: consequences(rclass, effect),
      confirm: 'Delete',
      ...(kind === 'folder' && (effect?.files ?? 0) > 100 && effect?.trash !== true ? { typed: name } : {}),
    },
    run: async (client, signal) => {
      await client.call('artifacts.remove', { clusterId, repository, path }, { signal });
      onRemoved();
    },
  };
}
