import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { lockedUsers } from '../../../metadata/access/login-failures.ts';
import { requireAdmin } from '../../../security/authorize.ts';
import { loginLock, readLoginLock, unlockUser, writeLoginLock } from '../../../security/login-lock.ts';
import type { RouteModule } from '../../route-module.ts';
import { validated } from '../../validated.ts';

const settingsUrl = '/artifactory/api/v1/settings/login-lock';
const security = '/artifactory/api/security';
const policy = z.object({ enabled: z.boolean(), loginAttempts: z.number().int().min(1).max(1000).default(10) });
const userNames = z.array(z.string()).max(10_000);

/** Who is locked after failed logins, and when somebody is; the lock itself is in `security/login-lock.ts`. Administrators only. */
export const loginLockRoutes: RouteModule = (app, { runtime }) => {
  app.get(settingsUrl, async (request) => {
    requireAdmin(request.principal);
    return readLoginLock(runtime.session().coherence.read);
  });
  app.put(settingsUrl, async (request) => {
    requireAdmin(request.principal);
    const wanted = validated(loginLock, request.body);
    await writeLoginLock(runtime.session(), request.principal.name, wanted);
    return wanted;
  });

  // Artifactory's calls
  app.get(`${security}/userLockPolicy`, async (request) => {
    requireAdmin(request.principal);
    const { maxFailedLogins } = await readLoginLock(runtime.session().coherence.read);
    return { enabled: maxFailedLogins > 0, loginAttempts: maxFailedLogins };
  });
  app.put(`${security}/userLockPolicy`, async (request, reply) => {
    requireAdmin(request.principal);
    const { enabled, loginAttempts } = validated(policy, request.body);
    const session = runtime.session();
    const present = await readLoginLock(session.coherence.read);
    await writeLoginLock(session, request.principal.name, { ...present, maxFailedLogins: enabled ? loginAttempts : 0 });
    return reply.type('text/plain; charset=utf-8').send('UserLockPolicy was successfully updated');
  });
  app.get(`${security}/lockedUsers`, async (request) => {
    requireAdmin(request.principal);
    return lockedUsers(runtime.session().db);
  });
  app.post(`${security}/unlockUsers/:name`, async (request: FastifyRequest<{ Params: { name: string } }>, reply) => {
    requireAdmin(request.principal);
    await unlockUser(runtime.session(), request.principal.name, request.params.name);
    return reply.type('text/plain; charset=utf-8').send(`The user '${request.params.name}' was unlocked`);
  });
  app.post(`${security}/unlockUsers`, async (request, reply) => {
    requireAdmin(request.principal);
    for (const name of validated(userNames, request.body)) await unlockUser(runtime.session(), request.principal.name, name);
    return reply.type('text/plain; charset=utf-8').send('The users were unlocked');
  });
  app.post(`${security}/unlockAllUsers`, async (request, reply) => {
    requireAdmin(request.principal);
    const session = runtime.session();
    for (const name of await lockedUsers(session.db)) await unlockUser(session, request.principal.name, name);
    return reply.type('text/plain; charset=utf-8').send('All users were unlocked');
  });
};
