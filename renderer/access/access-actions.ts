import type { GroupSummary, PermissionTarget, TokenSummary, UserSummary } from '../../electron/contract/index.ts';
import type { Action } from '../commands/action.ts';
import { countOf } from '../format/numbers.ts';

const holds = 'It holds on every node before this returns: requests under way end, later ones are refused.';

export function removeUserAction(clusterId: string, { name, groups }: UserSummary, blocked: string | null, onDone: () => void): Action {
  return {
    id: `user.remove:${name}`, subject: `user:${name}`, label: 'Remove', progress: `Removing ${name}`, tone: 'danger', blocked, explanation: 'Removes the account, its tokens, and what permission targets give to it.',
    question: { title: `Remove the user ${name}?`, does: [`The account goes, with its tokens and its place in ${countOf(groups.length, 'group')}. What it has deployed stays.`], breaks: ['Builds and people that log in as this user are refused.', holds], confirm: 'Remove the user' },
    run: async (client, signal) => {
      await client.call('users.remove', { clusterId, name }, { signal });
      onDone();
    },
  };
}

/** After too many wrong passwords: by somebody who knows whose they were. */
export function unlockUserAction(clusterId: string, { name }: UserSummary, blocked: string | null, onDone: () => void): Action {
  return {
    id: `user.unlock:${name}`, subject: `user:${name}`, label: 'Unlock', progress: `Unlocking ${name}`, tone: 'normal', blocked, explanation: 'Accepts its password again, on every node.', question: null,
    run: async (client, signal) => {
      await client.call('users.unlock', { clusterId, name }, { signal });
      onDone();
    },
  };
}

/** @param targets permission targets that give something to it */
export function removeGroupAction(clusterId: string, { name, members, adminPrivileges }: GroupSummary, targets: readonly string[], blocked: string | null, onDone: () => void): Action {
  const lost = [
    ...(adminPrivileges ? ['They are administrators by it, and are not any more, unless their role or another group makes them so.'] : []),
    ...(targets.length === 0 ? [] : [`What ${targets.join(', ')} ${targets.length === 1 ? 'gives' : 'give'} to the group is lost for them, unless something else gives it.`]),
  ];
  return {
    id: `group.remove:${name}`, subject: `group:${name}`, label: 'Remove', progress: `Removing ${name}`, tone: 'danger', blocked, explanation: 'Removes the group; its members stay.',
    question: {
      title: `Remove the group ${name}?`, does: [`${countOf(members.length, 'user')} ${members.length === 1 ? 'is' : 'are'} no member of it any more.`],
      breaks: lost.length === 0 ? [] : [...lost, holds], harmless: 'No permission target gives it anything, so nobody loses a right.', confirm: 'Remove the group',
    },
    run: async (client, signal) => {
      await client.call('groups.remove', { clusterId, name }, { signal });
      onDone();
    },
  };
}

export function removePermissionAction(clusterId: string, { name, grants, repositories }: PermissionTarget, blocked: string | null, onDone: () => void): Action {
  return {
    id: `permission.remove:${name}`, subject: `permission:${name}`, label: 'Remove', progress: `Removing ${name}`, tone: 'danger', blocked, explanation: 'Takes away what this target gives.',
    question: {
      title: `Remove the permission target ${name}?`, does: [`What it gives in ${repositories.join(', ') || 'no repository'} is taken away.`],
      breaks: grants.length === 0 ? [] : [`${grants.map((grant) => (grant.kind === 'group' ? `the group ${grant.name}` : grant.name)).join(', ')} ${grants.length === 1 ? 'loses' : 'lose'} it, unless a role or another target gives the same.`, holds], harmless: 'It gives nothing to anybody.', confirm: 'Remove it',
    },
    run: async (client, signal) => {
      await client.call('permissions.remove', { clusterId, name }, { signal });
      onDone();
    },
  };
}

export function revokeTokenAction(clusterId: string, { tokenId, user, description }: TokenSummary, blocked: string | null, onDone: () => void): Action {
  return {
    id: `token.revoke:${tokenId}`, subject: `token:${tokenId}`, label: 'Revoke', progress: 'Revoking a token', tone: 'danger', blocked, explanation: 'Whoever uses it is refused from then on.',
    question: { title: 'Revoke this token?', does: [`The token of ${user}${description === '' ? '' : ` (${description})`} is not accepted any more.`], breaks: ['Whoever uses it is refused. It cannot be brought back; make a new one.', holds], confirm: 'Revoke it' },
    run: async (client, signal) => {
      await client.call('tokens.revoke', { clusterId, tokenId }, { signal });
      onDone();
    },
  };
}
