import { sendRecorded } from '../../../http/content/request-body.ts';
import { publish } from '../registry/publish.ts';
import { unpublishPackage, unpublishVersions } from '../registry/unpublish.ts';
import { packageRequest, type NpmRoute } from './call.ts';
import { jsonBody, plainBody } from './json-body.ts';
import { getPackument, getVersion } from './packuments.ts';
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
];
