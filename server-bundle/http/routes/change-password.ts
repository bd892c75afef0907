import { z } from 'zod';
import { requireAdmin, requireLogin } from '../../security/authorize.ts';
import type { Authenticator } from '../../security/authenticator.ts';
import { maxPasswordBytes } from '../../security/password.ts';
import { changeUser } from '../../security/user-changes.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

const passwordChange = z.object({
  userName: z.string(),
  oldPassword: z.string(),
  newPassword1: z.string().min(8, 'must have at least 8 characters').max(maxPasswordBytes),
  newPassword2: z.string(),
}).refine((change) => change.newPassword1 === change.newPassword2, { path: ['newPassword2'], message: 'differs from newPassword1' });

/** Artifactory's call by which users change their own password; the old one is asked for again. */
export function changePasswordRoutes(authenticator: Authenticator): RouteModule {
  return (app, { runtime }) => {
    app.post('/artifactory/api/security/users/authorization/changePassword', async (request, reply) => {
      const change = validated(passwordChange, request.body);
      requireLogin(request.principal);
      if (request.principal.name !== change.userName) requireAdmin(request.principal);
      const session = runtime.session();
      await authenticator.principal(session, { kind: 'password', user: change.userName, password: change.oldPassword }, request.clientAddress);
      await changeUser(session, request.principal.name, change.userName, { password: change.newPassword1 });
      return reply.type('text/plain; charset=utf-8').send('Password has been successfully changed');
    });
  };
}
