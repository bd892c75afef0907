import { expect, it } from 'vitest';
import { parseBalancerConfig } from './config.ts';

it('fills in what is left out', () => {
  const config = parseBalancerConfig('backends:\n  - {nodeId: n1, url: "http://127.0.0.1:8081"}\n');
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 });
  expect(config.limits.bufferedBodyBytes).toBe(64 * 1024 * 1024);
  expect(config.status).toBeUndefined();
});

it.each([
  ['an unknown key', 'port: 1', 'port'],
  ['a status address that others can reach', 'status: {host: 0.0.0.0, port: 1}', 'status.host'],
  ['a backend with a path', 'backends: [{nodeId: a, url: "http://h:1/x"}]', 'backends.0.url'],
  ['one node twice', 'backends: [{nodeId: a, url: "http://h:1"}, {nodeId: a, url: "http://h:2"}]', 'backends'],
  ['a range with too many bits', 'trustedProxies: ["10.0.0.0/33"]', 'trustedProxies.0'],
  ['text that is not YAML', '{', ''],
])('refuses %s with its path', (_what, text, path) => {
  let thrown: unknown;
  try { parseBalancerConfig(text); } catch (error) { thrown = error; }
  expect(thrown).toMatchObject({ code: 'CONFIG_INVALID' });
  const details = (thrown as { details: { path: string; problem: string }[] }).details;
  expect(details.some((entry) => entry.path === path || entry.problem.includes(`"${path}"`))).toBe(true);
});
