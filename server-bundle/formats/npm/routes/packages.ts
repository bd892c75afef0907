import { BulkheadError } from '../../../contract/index.ts';
import { sendRecorded } from '../../../http/content/request-body.ts';
import { publish } from '../registry/publish.ts';
import { unpublishPackage, unpublishVersions } from '../registry/unpublish.ts';
import { packageRequest, type Call, type NpmRoute } from './call.ts';
import { jsonBody, plainBody } from './json-body.ts';
import { getPackument, getVersion, parsedPackument } from './packuments.ts';
import { deleteTarball, getTarball } from './tarballs.ts';

/** A packument that a client sends back, bytes. */
const maxPackument = 64 * 1024 * 1024;

/** Calls about one package. */
export const packageRoutes: readonly NpmRoute[] = [
  { method: 'GET', pattern: ':package', handle: getPackument },
  { method: 'PUT', pattern: ':package', handle: async (call) => sendRecorded(call.reply, await publish(call.content, packageRequest(call), plainBody(call.request))) },
  { method: 'GET', pattern: ':package/:version', handle: getVersion },
  { method: 'GET', pattern: ':package/-/:file', handle: getTarball },
  { method: 'DELETE', pattern: ':package/-/:file/-rev/:revision', handle: deleteTarball },
  { method: 'DELETE', pattern: ':package/-rev/:revision', handle: async (call) => sendRecorded(call.reply, await unpublishPackage(call.content, packageRequest(call), call.value('revision'))) },
  {
    method: 'PUT', pattern: ':package/-rev/:revision',
    handle: async (call) => sendRecorded(call.reply, await unpublishVersions(call.content, packageRequest(call), call.value('revision'), await jsonBody(call.request, maxPackument))),
  },
  { method: 'GET', pattern: '-/package/:package/visibility', handle: visibility },
  { method: 'POST', pattern: '-/package/:package/access', handle: refuseAccess },
  { method: 'PUT', pattern: '-/package/:package/access', handle: refuseAccess },
];

async function visibility(call: Call): Promise<unknown> {
  await parsedPackument(call, call.value('package'), 'abbreviated');
  return { public: false };
}

async function refuseAccess(): Promise<never> {
  throw new BulkheadError('METHOD_NOT_ALLOWED', 'Who may read or publish a package is a matter of permissions, not of the package', {
    hint: 'Use groups and permission targets.', details: { allow: '' },
  });
}
