import { sendRecorded } from '../../../http/content/request-body.ts';
import { isObject } from '../manifest.ts';
import { invalid } from '../publication.ts';
import { changeDistTags } from '../registry/change-dist-tags.ts';
import { packageRequest, type NpmRoute } from './call.ts';
import { jsonBody } from './json-body.ts';
import { parsedPackument } from './packuments.ts';

const all = '-/package/:package/dist-tags';
const one = `${all}/:tag`;

/** `npm dist-tag` (https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md). */
export const distTagRoutes: readonly NpmRoute[] = [
  { method: 'GET', pattern: all, handle: async (call) => (await parsedPackument(call, call.value('package'), 'abbreviated'))['dist-tags'] },
  ...(['PUT', 'POST'] as const).flatMap((method): NpmRoute[] => [
    {
      method, pattern: one,
      handle: async (call) => {
        const version = await jsonBody(call.request);
        if (typeof version !== 'string') throw invalid('', 'the version is needed, as a JSON text');
        return sendRecorded(call.reply, await changeDistTags(call.content, packageRequest(call), { set: new Map([[call.value('tag'), version]]), remove: [] }));
      },
    },
    {
      // PUT says what the tags are, POST adds to them
      method, pattern: all,
      handle: async (call) => {
        const tags = await jsonBody(call.request);
        if (!isObject(tags) || Object.values(tags).some((version) => typeof version !== 'string')) throw invalid('', 'an object of tags and versions is needed');
        const set = new Map(Object.entries(tags).map(([tag, version]) => [tag, String(version)]));
        return sendRecorded(call.reply, await changeDistTags(call.content, packageRequest(call), { set, remove: method === 'PUT' ? 'others' : [] }));
      },
    },
  ]),
  {
    method: 'DELETE', pattern: one,
    handle: async (call) => sendRecorded(call.reply, await changeDistTags(call.content, packageRequest(call), { set: new Map(), remove: [call.value('tag')] })),
  },
];
