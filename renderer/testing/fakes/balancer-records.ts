import type { Balancer, BalancerOptions, BalancerProduct, ResultOf } from '../../../electron/contract/index.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { limits } from './fake-limits.ts';

export const fakeOptions: BalancerOptions = {
  listen: { address: '*', port: 443 }, serverNames: ['art.lan'], tls: { certificate: '/etc/ssl/art.lan.pem', key: '/etc/ssl/art.lan.key' }, sticky: true, cookie: 'BULKHEAD_NODE',
  timeouts: { connectSeconds: 2, answerSeconds: 30, readSeconds: 900, clientSeconds: 300 }, largeBodyBytes: 64 * 1024 * 1024, haproxyBufferBytes: 128 * 1024, dockerPaths: true, layout: 'debian',
};

export function limitsOf(product: BalancerProduct): Balancer['limits'] {
  return limits.find((known) => known.product === product)?.limits ?? { summary: '', canFail: [], holds: [] };
}

const paths: Record<BalancerProduct, string> = { nginx: '/etc/nginx/conf.d/bulkhead-berlin.conf', haproxy: '/etc/haproxy/haproxy.cfg', apache: '/etc/apache2/conf-available/bulkhead-berlin.conf' };

export function backendsOf(cluster: FakeCluster): { nodeId: string; url: string; state: 'serving' | 'draining' }[] {
  return cluster.nodes.map(({ nodeId, observed }, index) => ({ nodeId, url: cluster.identity.url(index + 1), state: observed === 'draining' || observed === 'drained' ? 'draining' as const : 'serving' as const }));
}

const conf = (servers: string[]): string[] => [
  '# artifacts-berlin, written by Bulkhead. Changes made here are shown there before they are replaced.', 'map $cookie_BULKHEAD_NODE $bulkhead_node {', '    default any;', '}', '', 'upstream bulkhead_any {', '    zone bulkhead_any 128k;', ...servers, '    keepalive 64;', '}', '',
  'server {', '    listen 443 ssl;', '    server_name art.lan;', '    ssl_certificate /etc/ssl/art.lan.pem;', '    ssl_certificate_key /etc/ssl/art.lan.key;', '    client_max_body_size 0;', '    proxy_next_upstream error timeout http_502 http_503 http_504 non_idempotent;', '    proxy_read_timeout 900s;', '}', '',
];

export function rendering(cluster: FakeCluster, product: BalancerProduct, options: BalancerOptions): ResultOf<'balancers.render'> {
  const backends = backendsOf(cluster);
  const servers = backends.map(({ url, state }) => `    server ${url.replace('http://', '')}${state === 'draining' ? ' down' : ' max_fails=1 fail_timeout=2s'};`);
  const check = { nginx: 'nginx -t', haproxy: 'haproxy -c -f /etc/haproxy/haproxy.cfg', apache: 'apachectl configtest' }[product];
  return {
    clusterId: cluster.identity.clusterId, product, options, backends, files: [{ path: paths[product], content: conf(servers).join('\n') }], install: `install -m 0644 bulkhead-berlin.conf ${paths[product]}`, check, reload: `systemctl reload ${product === 'apache' ? 'apache2' : product}`,
    limits: limitsOf(product), warnings: product === 'apache' ? ['mod_proxy_balancer and mod_proxy_hcheck have to be enabled: a2enmod proxy_balancer proxy_hcheck'] : [],
  };
}

export const fakeDiff = `--- /etc/nginx/conf.d/bulkhead-berlin.conf
+++ /etc/nginx/conf.d/bulkhead-berlin.conf
@@ -6,7 +6,7 @@
 upstream bulkhead_any {
     zone bulkhead_any 128k;
     server 10.0.4.11:8081 max_fails=1 fail_timeout=2s;
     server 10.0.4.12:8081 max_fails=1 fail_timeout=2s;
-    server 10.0.4.13:8081 max_fails=1 fail_timeout=2s;
+    server 10.0.4.13:8081 down;
     keepalive 64;
 }
`;
