import type { AuditRecord } from '../../../electron/contract/index.ts';
import { refusal, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

type Kind = Pick<AuditRecord, 'user' | 'via' | 'address' | 'action' | 'operation' | 'repository' | 'path' | 'status' | 'result'>;

const first: Kind = { user: 'ci-billing', via: 'token', address: '10.0.4.61', action: 'deploy', operation: 'PUT /artifactory/:repository/*', repository: 'maven-releases', path: 'com/acme/billing/invoice-core/3.0.0/invoice-core-3.0.0.jar', status: 201, result: 'OK' };
const kinds: readonly Kind[] = [
  first,
  { user: 'ci-billing', via: 'token', address: '10.0.4.61', action: 'deploy', operation: 'PUT /artifactory/:repository/*', repository: 'maven-releases', path: 'com/acme/billing/invoice-core/3.0.0/invoice-core-3.0.0.pom', status: 201, result: 'OK' },
  { user: 'm.weber', via: 'password', address: '10.0.7.12', action: 'annotate', operation: 'PUT /artifactory/api/storage/:repository/*', repository: 'maven-releases', path: 'com/acme/billing/invoice-core/3.0.0', status: 204, result: 'OK' },
  { user: 's.lindqvist', via: 'password', address: '10.0.7.31', action: 'deploy', operation: 'PUT /artifactory/:repository/*', repository: 'npm-local', path: '@acme/ui/-/ui-2.1.0.tgz', status: 403, result: 'FORBIDDEN' },
  { user: 'admin', via: 'password', address: '10.0.4.2', action: 'manage', operation: 'PUT /artifactory/api/security/users/:name', repository: null, path: '/artifactory/api/security/users/ci-platform', status: 201, result: 'OK' },
  { user: 'root', via: 'password', address: '198.51.100.23', action: 'login', operation: 'GET /artifactory/api/repositories', repository: null, path: '/artifactory/api/repositories', status: 401, result: 'CREDENTIALS_INVALID' },
  { user: 'ci-platform', via: 'token', address: '10.0.4.62', action: 'deploy', operation: 'PUT /artifactory/:repository/*', repository: 'maven-releases', path: 'com/acme/platform/core/1.4.0/core-1.4.0.jar', status: 409, result: 'CHECKSUM_MISMATCH' },
  { user: 'm.weber', via: 'password', address: '10.0.7.12', action: 'delete', operation: 'DELETE /artifactory/:repository/*', repository: 'generic-local', path: 'nightly/2026-11-02', status: 204, result: 'OK' },
];

/** An audit log of some hundred entries, which grows by a deploy now and then. */
export function fakeAudit(world: FakeWorld): FakePart {
  const started = Date.now();
  const log = (): AuditRecord[] => {
    if (world.scenario === 'lan-new') return [];
    const count = 320 + Math.floor((Date.now() - started) / 5_000);
    return Array.from({ length: count }, (_, index): AuditRecord => ({
      ...(kinds[index % kinds.length] ?? first), id: index + 1, nodeId: `art-${index % 3 + 1}`, requestId: `5f0c${String(index).padStart(4, '0')}-8c1d-4b0e-9f6a-2d7e31c4b9aa`,
      at: index < 320 ? started - (320 - index) * 97_000 : started + (index - 320) * 5_000,
    })).reverse();
  };
  const refused = new Set(['FORBIDDEN', 'CREDENTIALS_INVALID', 'AUTHENTICATION_REQUIRED', 'USER_LOCKED']);
  return {
    answers: {
      'audit.list': ({ user, action, repository, result, since, until, before, limit = 100 }) => {
        if (world.scenario === 'lan-trouble') throw refusal('CLUSTER_UNREACHABLE', 'https://art-1.lan:8081/artifactory does not answer', 'Start a node, or check the network.');
        const fitting = log().filter((entry) => (user === undefined || entry.user === user) && (action === undefined || entry.action === action) && (repository === undefined || entry.repository === repository)
          && (result === undefined || (result === 'refused' ? refused.has(entry.result) : entry.result === result))
          && (since === undefined || entry.at >= since) && (until === undefined || entry.at < until) && (before === undefined || entry.id < before));
        return { entries: fitting.slice(0, limit), more: fitting.length > limit };
      },
    },
    streams: {},
  };
}
