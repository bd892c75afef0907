import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findPermissionTarget, listPermissionTargets, type PermissionTarget } from '../../../metadata/access/permission-targets.ts';
import { managesTarget, requireAdmin } from '../../../security/authorize.ts';
import { putTarget, removeTarget, targetNotFound } from '../../../security/target-changes.ts';
import type { RouteModule } from '../../route-module.ts';
import { validatedName } from '../../validated.ts';
import { firstForm, readFirstForm, readSecondForm, secondForm } from './permission-json.ts';

type Named = FastifyRequest<{ Params: { name: string } }>;

// eslint-disable-next-line no-control-regex -- control characters are what is refused
const targetName = z.string().regex(/^[^/\\:|?<>*"\u0000-\u001f]{1,128}$/, 'use 1 to 128 characters without / \\ : | ? < > * "');

/** Both forms speak about the same targets. */
const forms = [
  { url: '/artifactory/api/security/permissions', read: readFirstForm, show: firstForm },
  { url: '/artifactory/api/v2/security/permissions', read: readSecondForm, show: secondForm },
] as const;

/** Permission targets, shaped as both versions of Artifactory's security API. Administrators, and who manages a target. */
export const permissionRoutes: RouteModule = (app, { runtime, config }) => {
  for (const { url, read, show } of forms) {
    const uri = (name: string): string => `${config.baseUrl.replace(/\/$/, '')}${url}/${encodeURIComponent(name)}`;
    const named = async (request: Named): Promise<PermissionTarget> => {
      if (!managesTarget(request.principal, request.params.name)) requireAdmin(request.principal);
      const target = await findPermissionTarget(runtime.session().db, request.params.name);
      if (target === undefined) throw targetNotFound(request.params.name);
      return target;
    };
    const wanted = (request: Named): PermissionTarget => {
      if (!managesTarget(request.principal, request.params.name)) requireAdmin(request.principal);
      return read(validatedName(targetName, request.params.name), request.body);
    };

    app.get(url, async (request) => {
      requireAdmin(request.principal);
      return (await listPermissionTargets(runtime.session().db)).map((name) => ({ name, uri: uri(name) }));
    });
    app.get(`${url}/:name`, async (request: Named) => show(await named(request)));
    app.put(`${url}/:name`, async (request: Named, reply) => {
      const created = await putTarget(runtime.session(), request.principal, wanted(request));
      return reply.code(created ? 201 : 200).send();
    });
    app.post(`${url}/:name`, async (request: Named, reply) => {
      await putTarget(runtime.session(), request.principal, wanted(request), 'refuse');
      return reply.code(201).send();
    });
    app.delete(`${url}/:name`, async (request: Named, reply) => {
      const { name } = request.params;
      await removeTarget(runtime.session(), request.principal, name);
      return reply.type('text/plain; charset=utf-8').send(`Permission Target '${name}' has been removed successfully.`);
    });
  }
};
