import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../contract/index.ts';
import { findAccount, type Account } from '../../metadata/access/accounts.ts';
import { listUsers } from '../../metadata/users.ts';
import { requireAdmin } from '../../security/authorize.ts';
import { maxPasswordBytes } from '../../security/password.ts';
import { changeUser, putUser, removeUser, type WantedUser } from '../../security/user-changes.ts';
import { userName } from '../../security/user-name.ts';
import type { RouteModule } from '../route-module.ts';
import { validated, validatedName } from '../validated.ts';

const password = z.string().min(8, 'must have at least 8 characters')
  .refine((text) => Buffer.byteLength(text) <= maxPasswordBytes, `must be at most ${String(maxPasswordBytes)} bytes`);
const role = z.enum(['admin', 'deployer', 'reader', 'user']);

/** Artifactory's user, with our `role` and `disabled`. What Artifactory knows beyond that is let through and ignored. */
const wantedUser = z.object({
  name: z.string().optional(),
  /** null: the user can log in with tokens only */
  password: password.nullish(),
  email: z.string().max(320).regex(/^(?:[^@\s]+@[^@\s]+)?$/, 'is no address like name@host').optional(),
  admin: z.boolean().optional(),
  role: role.optional(),
  disabled: z.boolean().optional(),
  groups: z.array(z.string()).max(10_000).optional(),
});

const listUrl = '/artifactory/api/security/users';
const userUrl = `${listUrl}/:name`;
type Named = FastifyRequest<{ Params: { name: string } }>;

/** Users, shaped as Artifactory's security API. */
export const userRoutes: RouteModule = (app, context) => {
  const { runtime, config } = context;
  const uri = (name: string): string => `${config.baseUrl.replace(/\/$/, '')}/artifactory/api/security/users/${encodeURIComponent(name)}`;

  app.get(listUrl, async (request) => {
    requireAdmin(request.principal);
    return (await listUsers(runtime.session().db)).map((user) => ({ name: user.name, uri: uri(user.name), realm: 'internal' }));
  });

  app.get(userUrl, async (request: Named) => {
    const { name } = request.params;
    if (request.principal.name !== name) requireAdmin(request.principal);
    const user = await findAccount(runtime.session().db, name);
    if (user === undefined) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${name}`);
    return shown(user);
  });

  app.put(userUrl, async (request: Named, reply) => {
    requireAdmin(request.principal);
    const name = validatedName(userName, request.params.name);
    await putUser(runtime.session(), request.principal.name, name, wanted(request.body, name, true));
    return reply.code(201).send();
  });

  app.post(userUrl, async (request: Named, reply) => {
    requireAdmin(request.principal);
    const { name } = request.params;
    await changeUser(runtime.session(), request.principal.name, name, wanted(request.body, name, false));
    return reply.code(200).send();
  });

  app.delete(userUrl, async (request: Named, reply) => {
    requireAdmin(request.principal);
    const { name } = request.params;
    await removeUser(runtime.session(), request.principal.name, name);
    return reply.type('text/plain; charset=utf-8').send(`The user: '${name}' has been removed successfully.`);
  });
};

/** @param isNew PUT, which creates or replaces; a change leaves the role as it is unless it names one */
function wanted(body: unknown, name: string, isNew: boolean): WantedUser {
  const { admin, name: named, role: given, ...rest } = validated(wantedUser, body);
  if (named !== undefined && named !== name) {
    throw new BulkheadError('BODY_INVALID', 'name: is not the one in the address', { details: [{ field: 'name', message: 'is not the one in the address' }] });
  }
  // as in Artifactory, who is no administrator has what groups and targets give
  const byAdmin = admin === true ? 'admin' : isNew && rest.groups !== undefined ? 'user' : undefined;
  return { ...rest, role: given ?? byAdmin, noAdmin: admin === false };
}

function shown(user: Account): Record<string, unknown> {
  return {
    name: user.name, email: user.email, admin: user.role === 'admin', role: user.role, disabled: user.disabled,
    internalPasswordDisabled: user.password === null, profileUpdatable: true, groups: user.groups, realm: 'internal',
    locked: user.lockedUntil !== null && user.lockedUntil > Date.now(),
  };
}
