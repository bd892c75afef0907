import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import { requireAdmin, requireLogin } from '../../../security/authorize.ts';
import { readAccessModel } from '../../../security/permissions/access-model.ts';
import { explain } from '../../../security/permissions/explain.ts';
import { actions } from '../../../security/principal.ts';
import { anonymousMayRead, userNamed } from '../../../security/proof.ts';
import type { RouteModule } from '../../route-module.ts';
import { validated } from '../../validated.ts';

const url = '/artifactory/api/v1/access/explain';
const question = z.strictObject({
  user: z.string().min(1),
  repository: z.string().min(1).optional(),
  path: z.string().max(1024).transform((text) => text.replace(/^\/+/, '')).optional(),
  action: z.enum(actions),
});

/** Why somebody may do something, or what is missing: for administrators, and for everybody about oneself. */
export const explainRoutes: RouteModule = (app, { runtime }) => {
  app.get(url, async (request) => {
    requireLogin(request.principal);
    const { user, repository = null, path = null, action } = validated(question, request.query, 'PARAMETER_INVALID');
    if (user !== request.principal.name) requireAdmin(request.principal);
    const { coherence: { read } } = runtime.session();
    const account = user === 'anonymous' ? null : await userNamed(read, user) ?? undefined;
    if (account === undefined) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${user}`);
    const reading = account === null ? await anonymousMayRead(read) : 'off';
    const found = explain(await readAccessModel(read), account, action, repository, path, reading === 'everything');
    const shutOut = account === null ? reading === 'off' : account.disabled;
    return {
      user, repository, path, action, ...found, allowed: found.allowed && !shutOut,
      ...(shutOut ? { shutOut: account === null ? 'Reading without credentials is switched off' : `${user} is disabled` } : {}),
    };
  });
};
