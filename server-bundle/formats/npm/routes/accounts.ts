import { z } from 'zod';
import { BulkheadError } from '../../../contract/index.ts';
import { validated } from '../../../http/validated.ts';
import { listTokens } from '../../../metadata/tokens.ts';
import type { Authenticator } from '../../../security/authenticator.ts';
import { authorize, requireLogin } from '../../../security/authorize.ts';
import { namedCredentials } from '../../../security/credentials.ts';
import { maxPasswordBytes } from '../../../security/password.ts';
import type { Principal } from '../../../security/principal.ts';
import { userNamed } from '../../../security/proof.ts';
import { createToken, revokeToken } from '../../../security/token-changes.ts';
import { changeUser } from '../../../security/user-changes.ts';
import { invalid } from '../publication.ts';
import type { Call, NpmRoute } from './call.ts';
import { jsonBody } from './json-body.ts';

const couchUser = 'org.couchdb.user:';
/** Tokens that npm logs in with are kept by machines: a year, then people log in again. Seconds. */
const loginSeconds = 365 * 24 * 3600;

const login = z.object({ name: z.string(), password: z.string() });
const newToken = z.object({ password: z.string(), readonly: z.boolean().default(false), cidr_whitelist: z.array(z.string()).default([]) });
const profile = z.object({ password: z.object({ old: z.string(), new: z.string().min(8, 'must have at least 8 characters').max(maxPasswordBytes) }) }).strict();

/**
 * The legacy login: answered without one, the credentials are in the body. `user` is the last part of the address. Where an access token stands in place of the password, it is
 * the one that the client goes on with.
 */
export function loginRoute(authenticator: Authenticator): NpmRoute {
  return {
    method: 'PUT', pattern: '-/user/:user',
    handle: async ({ request, reply, content, value }) => {
      const { name, password } = validated(login, await jsonBody(request));
      if (value('user') !== couchUser + name) throw invalid('name', 'is another one than in the address');
      request.loginAs = name;
      const credentials = namedCredentials(name, password);
      request.principal = await authenticator.principal(content.session, credentials, request.clientAddress);
      const token = credentials.kind === 'token' ? credentials.token
        : (await createToken(content.session, request.principal, { user: name, description: 'npm login', seconds: loginSeconds })).token;
      return reply.code(201).header('cache-control', 'no-store').send({ ok: true, id: couchUser + name, rev: '1', token });
    },
  };
}

export function accountRoutes(authenticator: Authenticator): readonly NpmRoute[] {
  return [
    {
      method: 'GET', pattern: '-/whoami',
      handle: async ({ request }) => {
        requireLogin(request.principal);
        return { username: request.principal.name };
      },
    },
    { method: 'GET', pattern: '-/user/:user', handle: getUser },
    {
      method: 'DELETE', pattern: '-/user/token/:token',
      handle: async ({ request, content, value }) => {
        await revokeToken(content.session, request.principal, { token: value('token') });
        return { ok: true };
      },
    },
    {
      // web login needs pages of its own; npm's clients go on with name and password after this answer
      method: 'POST', pattern: '-/v1/login',
      handle: async () => { throw new BulkheadError('ROUTE_NOT_FOUND', 'There is no login through a browser', { hint: 'Use npm login --auth-type=legacy, or an access token.' }); },
    },
    { method: 'GET', pattern: '-/npm/v1/user', handle: async (call) => profileOf(call) },
    {
      method: 'POST', pattern: '-/npm/v1/user',
      handle: async (call) => {
        const { request, content } = call;
        requireLogin(request.principal);
        const { password } = validated(profile, await jsonBody(request));
        await byPassword(authenticator, call, password.old);
        await changeUser(content.session, request.principal.name, request.principal.name, { password: password.new });
        return profileOf(call);
      },
    },
    { method: 'GET', pattern: '-/npm/v1/tokens', handle: getTokens },
    {
      method: 'POST', pattern: '-/npm/v1/tokens',
      handle: async (call) => {
        requireLogin(call.request.principal);
        const wanted = validated(newToken, await jsonBody(call.request));
        // not ignored: whoever asks for a narrower token must not get a wider one
        if (wanted.readonly) throw invalid('readonly', 'is not supported: make a token with a scope in the app or through /api/security/token');
        if (wanted.cidr_whitelist.length > 0) throw invalid('cidr_whitelist', 'is not supported');
        const principal = await byPassword(authenticator, call, wanted.password);
        const { id, token } = await createToken(call.content.session, principal, { user: principal.name, description: 'npm token', seconds: loginSeconds });
        const now = new Date().toISOString();
        return call.reply.header('cache-control', 'no-store').send({ token, key: id, cidr_whitelist: null, readonly: false, created: now, updated: now });
      },
    },
    {
      method: 'DELETE', pattern: '-/npm/v1/tokens/token/:key',
      handle: async ({ request, reply, content, value }) => {
        requireLogin(request.principal);
        const id = z.uuid().safeParse(value('key'));
        if (!id.success) throw new BulkheadError('TOKEN_NOT_FOUND');
        await revokeToken(content.session, request.principal, { id: id.data });
        return reply.code(204).send();
      },
    },
  ];
}

/** The one who sends the request, proven by the password in its body. */
function byPassword(authenticator: Authenticator, { request, content }: Call, password: string): Promise<Principal> {
  return authenticator.principal(content.session, { kind: 'password', user: request.principal.name, password }, request.clientAddress);
}

async function getTokens({ request, content }: Call): Promise<unknown> {
  requireLogin(request.principal);
  const tokens = await listTokens(content.session.db, request.principal.name);
  return {
    objects: tokens.map(({ id, createdAt }) => ({
      // no part of a token is kept that could be shown
      token: id.slice(0, 6), key: id, cidr_whitelist: null, readonly: false, automation: false, created: createdAt.toISOString(), updated: createdAt.toISOString(),
    })),
    total: tokens.length, urls: {},
  };
}

async function getUser({ request, content, value }: Call): Promise<unknown> {
  requireLogin(request.principal);
  const name = value('user').startsWith(couchUser) ? value('user').slice(couchUser.length) : '';
  if (name !== request.principal.name) authorize(request.principal, 'manage', null, null);
  const user = await userNamed(content.session.coherence.read, name);
  if (user === undefined) throw new BulkheadError('USER_NOT_FOUND');
  return { _id: couchUser + name, name, email: user.email, type: 'user', roles: [] };
}

async function profileOf({ request, content }: Call): Promise<unknown> {
  requireLogin(request.principal);
  const user = await userNamed(content.session.coherence.read, request.principal.name);
  return { name: request.principal.name, email: user?.email ?? '', email_verified: false, tfa: null, fullname: '', cidr_whitelist: null };
}
