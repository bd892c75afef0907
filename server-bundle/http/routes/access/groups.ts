import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import { findGroup, listGroups, membersOf } from '../../../metadata/access/groups.ts';
import { requireAdmin } from '../../../security/authorize.ts';
import { changeGroup, groupNotFound, putGroup, removeGroup, type WantedGroup } from '../../../security/group-changes.ts';
import type { RouteModule } from '../../route-module.ts';
import { validated, validatedName } from '../../validated.ts';

const listUrl = '/artifactory/api/security/groups';
const groupUrl = `${listUrl}/:name`;
type Named = FastifyRequest<{ Params: { name: string } }>;

const groupName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+ -]{0,126}$/, 'use 1 to 127 letters, digits, spaces, ".", "_", "@", "+" and "-", beginning with a letter or digit');
/** Artifactory's group. What Artifactory knows beyond that is let through and ignored. */
const wantedGroup = z.object({
  name: z.string().optional(),
  description: z.string().max(4000).optional(),
  autoJoin: z.boolean().optional(),
  adminPrivileges: z.boolean().optional(),
  userNames: z.array(z.string()).max(100_000).optional(),
});
const flag = z.enum(['', '0', '1', 'true', 'false']).transform((value) => value !== '0' && value !== 'false');
const groupQuery = z.object({ includeUsers: flag.default(false) });

/** Groups, shaped as Artifactory's security API. Administrators only. */
export const groupRoutes: RouteModule = (app, { runtime, config }) => {
  const uri = (name: string): string => `${config.baseUrl.replace(/\/$/, '')}${listUrl}/${encodeURIComponent(name)}`;

  app.get(listUrl, async (request) => {
    requireAdmin(request.principal);
    return (await listGroups(runtime.session().db)).map(({ name }) => ({ name, uri: uri(name) }));
  });

  app.get(groupUrl, async (request: Named) => {
    requireAdmin(request.principal);
    const { includeUsers } = validated(groupQuery, request.query, 'PARAMETER_INVALID');
    const { db } = runtime.session();
    const group = await findGroup(db, request.params.name);
    if (group === undefined) throw groupNotFound(request.params.name);
    return { ...group, realm: 'internal', ...(includeUsers ? { userNames: await membersOf(db, group.name) } : {}) };
  });

  app.put(groupUrl, async (request: Named, reply) => {
    requireAdmin(request.principal);
    const name = validatedName(groupName, request.params.name);
    const created = await putGroup(runtime.session(), request.principal.name, name, wanted(request.body, name));
    return reply.code(created ? 201 : 200).send();
  });

  app.post(groupUrl, async (request: Named, reply) => {
    requireAdmin(request.principal);
    const { name } = request.params;
    await changeGroup(runtime.session(), request.principal.name, name, wanted(request.body, name));
    return reply.code(200).send();
  });

  app.delete(groupUrl, async (request: Named, reply) => {
    requireAdmin(request.principal);
    const { name } = request.params;
    await removeGroup(runtime.session(), request.principal.name, name);
    return reply.type('text/plain; charset=utf-8').send(`Group '${name}' has been removed successfully.`);
  });
};

function wanted(body: unknown, name: string): WantedGroup {
  const { name: named, userNames, ...rest } = validated(wantedGroup, body);
  if (named !== undefined && named !== name) {
    throw new BulkheadError('BODY_INVALID', 'name: is not the one in the address', { details: [{ field: 'name', message: 'is not the one in the address' }] });
  }
  return { ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)), users: userNames };
}
