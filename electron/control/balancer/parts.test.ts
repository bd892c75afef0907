import { expect, it } from 'vitest';
import { balancerOptions } from '../../contract/index.ts';
import { modelOf } from './model.ts';
import { greaterThan } from './number-pattern.ts';
import { placeOf } from './place.ts';
import { checkBalancerHost, versionIn } from './preflight.ts';
import { subjectOf } from './steps.ts';
import { switchScript } from './switch-script.ts';
import type { BalancerTarget } from './target.ts';
import { unifiedDiff } from './text-diff.ts';

it('knows greater numbers by their digits', () => {
  for (const limit of [0, 1, 9, 10, 99, 100, 1000, 67_108_864, 99_999, 17_179_869_184]) {
    const pattern = new RegExp(greaterThan(limit));
    const near = [0, 1, 9, 10, 11, 19, 90, 99, 100, 999, limit - 1, limit, limit + 1, limit * 2, limit * 10, limit + 10 ** (String(limit).length - 1), 10 ** String(limit).length];
    for (const number of near.filter((each) => each >= 0)) expect([limit, number, pattern.test(String(number))]).toEqual([limit, number, number > limit]);
  }
});

it('shows what changes, and what stays around it', () => {
  expect(unifiedDiff('f', 'a\n', 'a\n')).toBe('');
  expect(unifiedDiff('f', '1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n')).toBe(
    '--- f (on the host)\n+++ f (new)\n@@ -2,8 +2,9 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n+10\n');
  expect(unifiedDiff('f', '', 'a\n')).toBe('--- f (on the host)\n+++ f (new)\n@@ -1,0 +1,1 @@\n+a\n');
});

it('reads versions as the products print them', () => {
  expect(versionIn('nginx version: nginx/1.22.1\n')).toBe('1.22.1');
  expect(versionIn('nginx version: nginx/1.27.4 (Ubuntu)\n')).toBe('1.27.4');
  expect(versionIn('HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\n')).toBe('2.6.12');
  expect(versionIn('HA-Proxy version 1.8.27-493ce0b 2020/11/06\n')).toBe('1.8.27');
  expect(versionIn('Server version: Apache/2.4.71 (Debian)\nServer built: 2026\n')).toBe('2.4.71');
  expect(versionIn('something else')).toBeNull();
});

const model = modelOf({
  product: 'haproxy', clusterName: 'art', options: balancerOptions.parse({ tls: { certificate: '/etc/tls/a.pem', key: '/etc/tls/a.pem' } }),
  backends: [{ nodeId: 'one', url: 'http://10.0.0.1:8081', state: 'serving' }],
});
const place = placeOf('haproxy', 'redhat', 'art');

it('refuses a host on which the product is missing, too old, kept from the network, or without its port', async () => {
  const check = async (answers: Readonly<Record<string, string>>, exitCode = 0): Promise<{ notes: string[]; error: unknown }> => {
    const notes: string[] = [];
    const error = await checkBalancerHost(model, place, { trustedProxies: ['10.0.0.0/24'], leaving: [] }, ({ argv }) => {
      const text = argv.join(' ');
      const found = Object.entries(answers).find(([key]) => text.includes(key));
      return Promise.resolve({ exitCode: text.includes('haproxy -v') ? exitCode : 0, stdout: found?.[1] ?? '', stderr: '' });
    }, (line) => { notes.push(line); }).then(() => null, (reason: unknown) => reason);
    return { notes, error };
  };
  expect((await check({}, 127)).error).toMatchObject({ code: 'PREFLIGHT_FAILED', message: 'HAProxy is not installed on this host', hint: 'dnf install -y haproxy' });
  expect((await check({ 'haproxy -v': 'HA-Proxy version 1.8.27' })).error).toMatchObject({ message: 'HAProxy 1.8.27 is too old' });
  const fine = { 'haproxy -v': 'HAProxy version 2.6.12', ' route get': '10.0.0.9\n' };
  expect(await check(fine)).toMatchObject({ error: null });
  expect((await check({ ...fine, getsebool: 'off\n' })).error).toMatchObject({ hint: 'setsebool -P haproxy_connect_any on' });
  expect((await check({ ...fine, 'ss -Hltnp': 'LISTEN 0 511 *:8080 *:* users:(("apache2",pid=1,fd=4),("apache2",pid=2,fd=4))\n' })).error).toMatchObject({ message: 'Port 8080 is taken by apache2' });
  expect((await check({ ...fine, 'ss -Hltnp': 'LISTEN 0 511 *:8080 *:* users:(("haproxy",pid=1,fd=4))\n' })).error).toBeNull();
  expect((await check({ '--query-port': 'public\n', ...fine })).notes.find((line) => line.includes('firewalld'))).toContain('firewall-cmd --permanent --zone=public --add-port=8080/tcp');
  expect((await check({ ...fine, ' route get': '192.168.7.7\n' })).notes.at(-1)).toContain('warning  This host comes to the nodes from 192.168.7.7');
});

it('names only what belongs to it in the script that runs on the host', () => {
  const script = switchScript(place, 'run-1', 8080);
  expect(script).toContain("begin='# BEGIN Bulkhead art'");
  for (const line of script.split('\n').filter((each) => each.includes('rm -rf'))) expect(line).toMatch(/rm -rf "\$(stage|run|keep|old)/);
});

it('tells runs apart by what they do to which file, and not by the nodes that they are about', () => {
  const target: BalancerTarget = { action: 'apply', balancerId: 'b', clusterId: 'c', clusterName: 'art', hostId: 'h', product: 'apache', options: balancerOptions.parse({}), backends: [], trustedProxies: [], leaving: [] };
  const others: readonly BalancerTarget[] = [{ ...target, product: 'nginx' }, { ...target, action: 'undo' }, { ...target, options: balancerOptions.parse({ layout: 'redhat' }) }];
  for (const each of others) expect(subjectOf(each)).not.toBe(subjectOf(target));
  expect(subjectOf({ ...target, backends: [{ nodeId: 'one', url: 'http://10.0.0.1:8081', state: 'serving' }] })).toBe(subjectOf(target));
});
