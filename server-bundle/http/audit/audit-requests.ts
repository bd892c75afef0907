import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../contract/index.ts';
import { refusals, type NewAuditEntry } from '../../metadata/audit/audit-entries.ts';
import { withinRequest, type AuditedRequest } from '../../metadata/audit/audited-request.ts';
import type { NodeContext } from '../../node/context.ts';
import { askedOnce } from '../../security/asked-once.ts';
import { credentialsOf } from '../../security/credentials.ts';
import { decisionsAbout, type Decision } from '../../security/held-rights.ts';
import { confirmRights } from '../../security/proof.ts';
import type { FinishedRequest } from '../request-log.ts';
import { AuditTrail } from './audit-trail.ts';

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const refused: ReadonlySet<ErrorCode> = new Set<ErrorCode>(refusals);

/**
 * Audits every request, whichever route takes it: what was asked of `authorize` says what it wanted to do. A change is written in the transaction that makes it;
 * what has none (a refusal, a change that failed, reads when they are switched on) in batches.
 *
 * @returns to be told of each request that is over
 */
export function auditRequests(app: FastifyInstance, { config, log, metrics, runtime }: NodeContext): (finished: FinishedRequest) => void {
  const trail = new AuditTrail(() => runtime.session(), log, metrics);
  const audited = new WeakMap<FastifyRequest, AuditedRequest>();
  const nodeId = config.node.id;

  app.addHook('onRequest', (request, _reply, done) => {
    const own: AuditedRequest = {
      written: false,
      entry: (status) => (reading.has(request.method) ? null : entryOf(request, nodeId, status, 'OK')),
      // what a read stores (a copy of an upstream's file) is there for everybody who waits for it
      confirm: async (trx) => {
        if (!reading.has(request.method)) await confirmRights(askedOnce(trx, runtime.session().coherence.readWithin(trx)), request.principal);
      },
    };
    audited.set(request, own);
    withinRequest(own, done);
  });
  // reading the body leaves the context of the first hook behind
  app.addHook('preHandler', (request, _reply, done) => {
    const own = audited.get(request);
    if (own === undefined) done();
    else withinRequest(own, done);
  });
  app.addHook('onClose', async () => {
    await trail.flush();
    trail.stop();
  });

  return ({ request, status }) => {
    const code = request.failure?.code;
    if (wanted(request, code, audited.get(request)?.written === true, config.audit.reads)) trail.add(entryOf(request, nodeId, status, code ?? 'OK'));
  };
}

function wanted(request: FastifyRequest, code: ErrorCode | undefined, written: boolean, reads: boolean): boolean {
  // there, credentials are in the request itself (Docker's and npm's logins): only that they were refused is to be told
  if (request.routeOptions.config.access === 'public' && (code === undefined || !refused.has(code))) return false;
  const isChange = !reading.has(request.method);
  // the question that starts a login, which every client asks, is no refusal
  if (code === 'AUTHENTICATION_REQUIRED') return isChange;
  if (code !== undefined && refused.has(code)) return true;
  // pauses between guesses are told by the guesses before
  if (code === 'LOGIN_THROTTLED') return false;
  if (isChange) return (!written || code !== undefined) && decisionsAbout(request.principal).some(({ action }) => action !== 'read');
  return reads && code === undefined && request.routeOptions.config.always !== true;
}

function entryOf(request: FastifyRequest, nodeId: string, status: number, result: string): NewAuditEntry {
  const { principal } = request;
  const decision = decisive(decisionsAbout(principal), result);
  const tried = result === 'CREDENTIALS_INVALID' || result === 'USER_LOCKED' ? triedBy(request) : null;
  return {
    user: tried?.user ?? principal.name, via: tried?.via ?? principal.via, address: request.clientAddress,
    action: tried === null ? decision?.action ?? 'read' : 'login',
    operation: `${request.method} ${request.routeOptions.url ?? ''}`,
    repository: decision?.repository ?? null,
    path: decision?.repository === null || decision === undefined ? request.originalUrl.split('?', 1)[0] ?? null : decision.path,
    status, result, requestId: request.id, nodeId,
  };
}

/** The one that was refused, else what was asked beyond reading, else the reading. */
function decisive(decisions: readonly Decision[], result: string): Decision | undefined {
  const denied = result === 'OK' ? undefined : decisions.findLast(({ allowed }) => !allowed);
  const granted = decisions.filter(({ allowed }) => allowed);
  return denied ?? granted.find(({ action, repository }) => action !== 'read' && repository !== null) ?? granted.find(({ action }) => action !== 'read') ?? granted[0] ?? decisions[0];
}

/** Whoever was let in already (a session that ended meanwhile) is known by the principal. */
function triedBy(request: FastifyRequest): { user: string; via: string } | null {
  if (request.principal.name !== 'anonymous') return null;
  if (request.loginAs !== null) return { user: request.loginAs, via: 'password' };
  try {
    const credentials = credentialsOf(request.headers);
    if (credentials.kind === 'password') return { user: credentials.user, via: 'password' };
    return credentials.kind === 'token' ? { user: credentials.user ?? 'anonymous', via: 'token' } : { user: 'anonymous', via: 'anonymous' };
  } catch {
    return { user: 'anonymous', via: 'anonymous' };
  }
}
