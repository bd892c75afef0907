/**
 * Routes that are not about one repository and its rights. Everything that is neither here nor in the operations makes the matrix fail, so a new route has to
 * say whom it is for.
 */

/** Answered to everybody, before any login; the credentials, where some are needed, are in the request itself. */
export const forEverybody: ReadonlySet<string> = new Set([
  'GET /artifactory/api/system/ping', 'POST /artifactory/api/system/ping', 'GET /artifactory/api/v1/system/readiness', 'GET /artifactory/api/v1/system/liveness',
  'GET /v2/token', 'POST /v2/token', 'GET /artifactory/api/docker/:repository/v2/token', 'POST /artifactory/api/docker/:repository/v2/token',
  'GET /artifactory/api/npm/:repository/-/ping', 'PUT /artifactory/api/npm/:repository/-/user/:user',
  'GET /v1/_ping',
]);

/** For whoever has logged in, about oneself, or only what oneself may read of it (the lists are tried apart). */
export const forWhoHasLoggedIn: ReadonlySet<string> = new Set([
  'GET /artifactory/api/system/version', 'GET /artifactory/api/system/status', 'GET /artifactory/api/v1/metrics',
  'POST /artifactory/api/security/users/authorization/changePassword',
  'GET /artifactory/api/security/token', 'POST /artifactory/api/security/token', 'POST /artifactory/api/security/token/revoke',
  'GET /access/api/v1/tokens', 'POST /access/api/v1/tokens', 'GET /access/api/v1/tokens/:id', 'DELETE /access/api/v1/tokens/:id',
  'GET /artifactory/api/security/apiKey', 'POST /artifactory/api/security/apiKey', 'PUT /artifactory/api/security/apiKey', 'DELETE /artifactory/api/security/apiKey',
  // the version check of a registry
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].flatMap((method) => ['/v2', '/v2/', '/artifactory/api/docker/:repository/v2'].map((url) => `${method} ${url}`)),
  'GET /artifactory/api/pypi/:repository/simple', 'GET /artifactory/api/pypi/:repository/simple/:project',
  // no such address of the registry protocol
  'GET /artifactory/api/npm/:repository', 'PUT /artifactory/api/npm/:repository', 'POST /artifactory/api/npm/:repository', 'DELETE /artifactory/api/npm/:repository',
  // what the asker has sent, for one's own settings of npm
  'GET /artifactory/api/npm/auth',
  // a repository as a whole is neither copied nor moved
  'POST /artifactory/api/copy/:repository', 'POST /artifactory/api/move/:repository',
  'GET /artifactory/api/build', 'GET /artifactory/api/build/:name', 'GET /artifactory/api/build/:name/:number',
  // about oneself; the test of permissions asks about others
  'GET /artifactory/api/v1/access/explain',
]);

/** Lists that leave out what the asker may not read. */
export const filteredLists: ReadonlySet<string> = new Set([
  'GET /artifactory/api/repositories', 'GET /artifactory/api/search/artifact', 'GET /artifactory/api/search/checksum', 'GET /artifactory/api/search/prop',
  'GET /artifactory/api/search/pattern', 'GET /artifactory/api/search/gavc', 'GET /artifactory/api/search/dates', 'GET /artifactory/api/search/creation', 'GET /artifactory/api/search/usage',
  'GET /artifactory/api/search/versions', 'GET /artifactory/api/search/latestVersion', 'POST /artifactory/api/search/aql',
  'GET /v1/search',
]);
