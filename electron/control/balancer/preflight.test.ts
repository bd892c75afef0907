import { expect, it } from 'vitest';
import { balancerOptions } from '../../contract/index.ts';
import { modelOf } from './model.ts';
import { placeOf } from './place.ts';
import { sitesInTheWay } from './other-sites.ts';
import { checkBalancerHost } from './preflight.ts';
import { render } from './render.ts';

const model = modelOf({
  product: 'nginx', clusterName: 'art', options: balancerOptions.parse({}),
  backends: [{ nodeId: 'one', url: 'http://10.0.0.1:8081', state: 'serving' }, { nodeId: 'two', url: 'http://two.lan:8081', state: 'serving' }],
});

/** What nodes say of themselves, by their hosts. */
let liveness: Readonly<Record<string, string>> = {};

/** Exit codes by a part of the command line; 0 where nothing is said. What cannot end well, and what was found. */
async function look(exits: Readonly<Record<string, number>>, onHost = '', leaving: readonly string[] = []): Promise<{ readonly error: unknown; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const error = await checkBalancerHost(model, placeOf('nginx', 'debian', 'art'), { trustedProxies: ['10.0.0.0/24'], leaving }, ({ argv }) => {
    const line = argv.join(' ');
    const exitCode = Object.entries(exits).find(([part]) => line.includes(part))?.[1] ?? 0;
    return Promise.resolve({ exitCode, stdout: line.includes('nginx -v') ? 'nginx/1.22.1' : line.includes('bulkhead-art.conf') ? onHost : line.includes('liveness') ? Object.entries(liveness).find(([host]) => line.includes(host))?.[1] ?? '' : '', stderr: '' });
  }, (line) => { notes.push(line); }).then(() => null, (reason: unknown) => reason);
  return { error, notes };
}

it.each([
  ['a firewall', { '/dev/tcp': 124 }, /one does not answer, two does not answer/, /firewall-cmd --add-port=8081/],
  ['nobody who listens', { '/dev/tcp': 1 }, /one refuses, two refuses/, /firewall-cmd/],
  ['a host that has no way there', { '/dev/tcp': 1, 'ip route get': 2 }, /one \(no route there\)/, /^Give this host an address of the same kind/],
  ['a name that it does not know', { '/dev/tcp': 1, getent: 2 }, /two \(its name is not known here\)/, /^Try it on the host: getent/],
])('tells %s apart where no node can be reached', async (_, exits, message, hint) => {
  expect((await look(exits)).error).toMatchObject({ code: 'PREFLIGHT_FAILED', message: expect.stringMatching(message) as string, hint: expect.stringMatching(hint) as string });
});

it('leaves a node in place that serves and that this app does not know: another desktop has added it', async () => {
  const three = { nodeId: 'three', url: 'http://10.0.0.3:8081', state: 'serving' } as const;
  const renamed = { nodeId: 'one-of-old', url: 'http://10.0.0.1:8081', state: 'serving' } as const;
  const onHost = render(modelOf({ ...model, backends: [three, renamed], product: 'nginx' }));
  const said = (nodeId: string, state: string): string => `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${JSON.stringify({ alive: true, nodeId, state })}`;
  liveness = { '10.0.0.1': said('one', 'serving'), '10.0.0.3': said('three', 'drained') };
  expect((await look({}, onHost)).error).toMatchObject({ code: 'PREFLIGHT_FAILED', message: expect.stringMatching(/to three \(http:\/\/10\.0\.0\.3:8081\), which/) as string, hint: expect.stringContaining('adopt') as string });
  // one that is about to be taken away here, one that was shut out of the cluster, and one that is gone
  expect((await look({}, onHost, ['three'])).error).toBeNull();
  for (const answer of [said('three', 'fenced'), said('three', 'starting'), '']) {
    liveness = { '10.0.0.3': answer };
    expect((await look({}, onHost)).error).toBeNull();
  }
});

it('goes on with one node that is down, and where connections cannot be tried, and says so', async () => {
  expect(await look({ 'two.lan': 124 })).toMatchObject({ error: null, notes: expect.arrayContaining(['warning  From this host nodes cannot be reached: two does not answer']) as string[] });
  expect(await look({ '/dev/tcp': 127 })).toMatchObject({ error: null, notes: expect.arrayContaining(['warning  There is no bash to try connections to the nodes with']) as string[] });
});

/** As Debian's and Red Hat's own programs print it. */
const apache = `VirtualHost configuration:
*:80                   is a NameVirtualHost
         default server debian.lan (/etc/apache2/sites-enabled/000-default.conf:1)
         port 80 namevhost debian.lan (/etc/apache2/sites-enabled/000-default.conf:1)
         port 80 namevhost bulkhead.invalid (/etc/apache2/sites-enabled/bulkhead-art.conf:41)
*:8080                 bulkhead.invalid (/etc/apache2/sites-enabled/bulkhead-other.conf:41)
*:443                  alma.lan (/etc/apache2/sites-enabled/default-ssl.conf:40)
ServerRoot: "/etc/apache2"
`;
it.each([
  ['nginx', 80, '/etc/nginx/sites-enabled/default 80\n/etc/nginx/sites-enabled/default [::]:80\n', ['/etc/nginx/sites-enabled/default']],
  ['nginx', 8080, '/etc/nginx/sites-enabled/default 80\n/etc/nginx/conf.d/x.conf 10.0.0.1:8080;\n', ['/etc/nginx/conf.d/x.conf']],
  ['nginx', 8080, '/etc/nginx/sites-enabled/default 80\n/etc/nginx/conf.d/bulkhead-art.conf 8080\n', []],
  ['apache', 80, apache, ['/etc/apache2/sites-enabled/000-default.conf']],
  ['apache', 443, apache, []],
  ['apache', 8080, apache, ['/etc/apache2/sites-enabled/bulkhead-other.conf']],
  ['apache', 8090, apache, []],
  ['haproxy', 80, '', []],
] as const)('finds the sites of %s that answer on port %i in our place', async (product, port, stdout, found) => {
  expect(await sitesInTheWay(product, placeOf(product, 'debian', 'art'), port, () => Promise.resolve({ exitCode: 0, stdout, stderr: '' }))).toEqual(found);
});
