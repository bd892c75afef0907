import { BulkheadError } from '../../../contract/index.ts';
import { collaboratorsOf, packagesOfScope, packagesOfUser } from '../registry/package-access.ts';
import type { Call, NpmRoute } from './call.ts';
import { parsedPackument } from './packuments.ts';

const ofTeam = '-/team/:scope/:team/package';

/** `npm access` and `npm stars`: who may do what is told; it is changed where permissions are. */
export const accessRoutes: readonly NpmRoute[] = [
  { method: 'GET', pattern: '-/package/:package/visibility', handle: visibility },
  { method: 'GET', pattern: '-/package/:package/collaborators', handle: ({ request, content, repositoryKey, value }) => collaboratorsOf(content, request.principal, repositoryKey, value('package')) },
  { method: 'GET', pattern: '-/user/:user/package', handle: ({ request, content, repositoryKey, value }) => packagesOfUser(content, request.principal, repositoryKey, value('user')) },
  { method: 'GET', pattern: '-/org/:scope/package', handle: ({ request, content, repositoryKey, value }) => packagesOfScope(content, request.principal, repositoryKey, value('scope')) },
  ...(['POST', 'PUT'] as const).map((method): NpmRoute => ({ method, pattern: '-/package/:package/access', handle: refuse })),
  { method: 'GET', pattern: ofTeam, handle: noTeams },
  ...(['PUT', 'DELETE'] as const).map((method): NpmRoute => ({ method, pattern: ofTeam, handle: refuse })),
  // nobody has starred anything: stars are not kept
  { method: 'GET', pattern: '-/_view/starredByUser', handle: async () => ({ rows: [] }) },
];

async function visibility(call: Call): Promise<unknown> {
  await parsedPackument(call, call.value('package'), 'abbreviated');
  return { public: false };
}

async function refuse(): Promise<never> {
  throw new BulkheadError('METHOD_NOT_ALLOWED', 'Who may read or publish a package is a matter of permissions, not of the package', {
    hint: 'Use groups and permission targets.', details: { allow: '' },
  });
}

async function noTeams(): Promise<never> {
  throw new BulkheadError('ROUTE_NOT_FOUND', 'There are no teams here, there are groups', { hint: 'Ask for a user or a scope.' });
}
