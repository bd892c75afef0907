import { emptyTrashWords, type ArtifactEffect } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';
import { countOf, formatBytes } from '../format/numbers.ts';

/** Where something in the trash can was deleted from; null for a whole repository's folder, which cannot be deleted from one place. */
export function originOf(trashPath: string): { repository: string; path: string } {
  const [repository = '', ...rest] = trashPath.split('/');
  return { repository, path: rest.join('/') };
}

/** Puts a deleted file or folder back where it was. */
export function restoreAction(clusterId: string, trashPath: string, blocked: string | null, onRestored: () => void): Action {
  const { repository, path } = originOf(trashPath);
  return {
    id: `trash.restore:${trashPath}`, subject: `trash:${trashPath}`, label: 'Restore', progress: `Restoring ${path || repository}`, tone: 'primary', blocked, question: null,
    explanation: `Puts it back to ${repository}/${path}. Nothing that is there now is replaced.`,
    run: async (client, signal) => {
      await client.call('trash.restore', { clusterId, repository, path }, { signal });
      onRestored();
    },
  };
}

/** Deletes for good what was deleted. */
export function cleanAction(clusterId: string, trashPath: string, effect: ArtifactEffect | null, blocked: string | null, onRemoved: () => void): Action {
  const { repository, path } = originOf(trashPath);
  return {
    id: `trash.remove:${trashPath}`, subject: `trash:${trashPath}`, label: 'Delete for good', progress: `Deleting ${trashPath} for good`, tone: 'danger',
    blocked: blocked ?? (effect === null ? 'Finding out what goes with it' : null), explanation: 'Takes it out of the trash can. It cannot be restored afterwards.',
    question: {
      title: 'Delete for good?', does: [`${trashPath} leaves the trash can: ${countOf(effect?.files ?? 0, 'file')}, ${formatBytes(effect?.bytes ?? 0)}.`], breaks: ['It cannot be restored afterwards.'], confirm: 'Delete for good',
    },
    run: async (client, signal) => {
      await client.call('trash.remove', { clusterId, repository, path }, { signal });
      onRemoved();
    },
  };
}

/** Deletes everything in the trash can for good. */
export function emptyAction(clusterId: string, blocked: string | null, onEmptied: () => void): Action {
  return {
    id: 'trash.empty', subject: 'trash', label: 'Empty the trash can', progress: 'Emptying the trash can', tone: 'danger', blocked, explanation: 'Deletes everything in it for good.',
    question: { title: 'Empty the trash can?', does: ['Everything in it is deleted for good, of all repositories.'], breaks: ['Nothing of it can be restored afterwards.'], confirm: 'Empty it', typed: emptyTrashWords },
    run: async (client, signal) => {
      await client.call('trash.empty', { clusterId, confirm: emptyTrashWords }, { signal });
      onEmptied();
    },
  };
}
