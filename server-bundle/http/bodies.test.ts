import fastify from 'fastify';
import { expect, test } from 'vitest';
import { parseBodies } from './bodies.ts';
import { sendError } from './error-answer.ts';
import { deepestJson } from './json-depth.ts';

async function seen(method: 'POST' | 'PUT' | 'DELETE', type: string, payload?: string): Promise<unknown> {
  const app = fastify();
  parseBodies(app);
  app.route({ method, url: '/', handler: async ({ body }) => ({ body: body === undefined ? 'none' : body }) });
  app.setErrorHandler((error, _request, reply) => sendError(reply, error));
  const answer = await app.inject({ method, url: '/', headers: { 'content-type': type }, ...(payload === undefined ? {} : { payload }) });
  return answer.statusCode === 200 ? answer.json<{ body: unknown }>().body : answer.statusCode;
}

// what scripts and plugins send that name the media type with every request
test.each(['POST', 'PUT', 'DELETE'] as const)('%s without a body has none, whatever media type it names', async (method) => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'application/vnd.org.jfrog.artifactory.security.Group+json']) {
    expect(await seen(method, type), type).toBe('none');
    expect(await seen(method, type, ''), type).toBe('none');
    expect(await seen(method, type, '{"a":1}'), type).toEqual({ a: 1 });
    expect(await seen(method, type, ' '), type).toBe(400);
  }
  for (const type of ['text/plain', 'application/octet-stream', 'application/xml', '*/*']) {
    expect(await seen(method, type), type).toBe('none');
    expect(await seen(method, type, ''), type).toBe('none');
    expect(await seen(method, type, 'text'), type).toBe(415);
  }
});

test('what is nested too deeply is refused before it is parsed, whatever media type of JSON it names', async () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  for (const type of ['application/json', 'application/json; charset=utf-8', 'application/vnd.org.jfrog.build.BuildInfo+json']) {
    expect(await seen('PUT', type, nested(deepestJson)), type).toEqual(JSON.parse(nested(deepestJson)));
    expect(await seen('PUT', type, nested(deepestJson + 1)), type).toBe(400);
  }
});
