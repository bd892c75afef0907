import type { RepositoryEffect } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';
import { countOf, formatBytes } from '../format/numbers.ts';
import { formatMoment } from '../format/times.ts';

/** What is said before a repository is deleted, as far as it is known. @param now milliseconds since 1970 */
export function lossSentences({ key, rclass, usage, memberOf, deployTargetOf, permissions, clients }: RepositoryEffect, now: number): string[] {
  const held = usage === null ? 'How much is in it is not known.' : usage.files === 0 ? 'It is empty.' : `${countOf(usage.files, 'file')}, ${formatBytes(usage.bytes)}, are gone with it. This cannot be undone.`;
  const sentences = rclass === 'virtual' ? ['Nothing that its members hold is touched; its address stops answering.'] : rclass === 'remote' ? [`${held.replace(' This cannot be undone.', '')} What the upstream still has can be fetched again by another repository.`] : [held];
  if (memberOf.length > 0) sentences.push(`${memberOf.join(', ')} ${memberOf.length === 1 ? 'loses' : 'lose'} a member: what only ${key} has is not found there any more.`);
  if (deployTargetOf.length > 0) sentences.push(`Deploys to ${deployTargetOf.join(', ')} fail until another default deployment repository is set.`);
  if (permissions !== null && permissions.length > 0) sentences.push(`${countOf(permissions.length, 'permission target')} ${permissions.length === 1 ? 'names' : 'name'} it: ${permissions.join(', ')}.`);
  if (clients === null) sentences.push('Who uses it is not known: any client that has its address gets “not found”.');
  else if (clients.length === 0) sentences.push('Nobody has changed anything in it lately, by the audit log. Any client that reads from it gets “not found”.');
  else sentences.push(`Used lately by ${clients.slice(0, 5).map(({ user, address, lastSeen }) => `${user} (${address}, ${formatMoment(Date.parse(lastSeen), now)})`).join(', ')}${clients.length > 5 ? ` and ${clients.length - 5} more` : ''}.`);
  return sentences;
}

/** Deletes a repository with everything in it. @param effect null: not known yet */
export function removeRepositoryAction(key: string, clusterId: string, effect: RepositoryEffect | null, blocked: string | null, onRemoved: () => void): Action {
  return {
    id: `repository.remove:${key}`, subject: `repository:${key}`, label: 'Delete repository', progress: `Deleting ${key}`, tone: 'danger',
    blocked: blocked ?? (effect === null ? 'Finding out what it would break' : null), explanation: 'Deletes the repository with everything in it.',
    question: {
      title: `Delete the repository ${key}?`, does: [effect?.rclass === 'virtual' ? `${key} stops answering.` : `${key} is deleted with everything in it, on every node at once.`],
      breaks: effect === null ? [] : lossSentences(effect, Date.now()), confirm: 'Delete repository', typed: key,
    },
    run: async (client, signal) => {
      await client.call('repositories.remove', { clusterId, key, confirm: key }, { signal });
      onRemoved();
    },
  };
}
