import { errorAnswer } from '../error-answer.ts';
import { authority, type BalancerModel } from '../model.ts';
import { stamped } from '../stamp.ts';

/** What a site is called that takes whatever nobody else does. */
export const namelessSite = 'bulkhead.invalid';
/** What the configuration needs; `mod_x.so` is loaded where nothing else has loaded it. A balancer is begun with "byrequests", whatever it is set to later. */
const modules = ['proxy', 'proxy_http', 'proxy_balancer', 'slotmem_shm', 'lbmethod_byrequests', 'lbmethod_bybusyness', 'watchdog', 'proxy_hcheck', 'headers', 'unique_id', 'authz_core'];
/** A node closes idle connections after 75 s: they are not used that long, seconds. */
const reuseSeconds = 60;
/**
 * Before it sends a request, Apache asks with "Expect: 100-continue" whether the node is there, and waits this long for it, seconds:
 * a connection whose other end is gone shows itself before the request is lost with it.
 */
const pingSeconds = 5;

/** One file for Apache httpd, valid at the top level. It loads its own modules, so that nothing has to be enabled or disabled beside it. */
export function renderApache(model: BalancerModel): string {
  const { options } = model;
  return stamped(model, [
    ...modules.map((name) => load(model, name)),
    ...(options.tls === null ? [] : [load(model, 'socache_shmcb'), loadTls(model)]),
    ...listen(model), '',
    'ProxyHCExpr bulkhead_serves {%{REQUEST_STATUS} =~ /^200/}',
    balancer(model), host(model),
  ].join('\n'));
}

function load({ places }: BalancerModel, name: string, also: readonly string[] = []): string {
  return block(`IfModule !${name}_module`, [`LoadModule ${name}_module ${places.apacheModules}/mod_${name}.so`, ...also]);
}

/** Port 443 belongs to the module's own configuration: whoever has loaded that, listens already. */
function loadTls(model: BalancerModel): string {
  return load(model, 'ssl', model.options.listen.port === 443 ? ['Listen 443'] : []);
}

/** Each port may be listened on once in the whole configuration, and port 80 is in every distribution's own. */
function listen({ options: { listen: { address, port }, tls } }: BalancerModel): string[] {
  if (port === 80 || (port === 443 && tls !== null)) return [];
  return [`Listen ${address === '*' ? '' : `${bracketed(address)}:`}${port}`];
}

function balancer({ prefix, options, backends }: BalancerModel): string {
  const { timeouts, sticky, cookie } = options;
  return block(`Proxy "balancer://${prefix}"`, [
    ...backends.map((each) => [
      `BalancerMember "http://${authority(each)}" route=${each.route}`, `connectiontimeout=${timeouts.connectSeconds}`, `timeout=${timeouts.readSeconds}`, 'retry=1',
      `ttl=${reuseSeconds}`, 'keepalive=On', `ping=${pingSeconds}`, 'hcmethod=GET hcuri=/artifactory/api/system/ping hcinterval=1 hcpasses=1 hcfails=1 hcexpr=bulkhead_serves',
      ...(each.draining ? ['status=+D'] : []),
    ].join(' ')),
    `ProxySet lbmethod=bybusyness${sticky ? ` stickysession=${cookie}` : ''}`,
  ]);
}

function host({ prefix, options, clusterName, places }: BalancerModel): string {
  const { listen: { address, port }, serverNames: [name = namelessSite, ...aliases], tls, timeouts, sticky, cookie, dockerPaths } = options;
  const own = (status: number, text: string): string => `ErrorDocument ${status} '${text}'`;
  return block(`VirtualHost ${bracketed(address)}:${port}`, [
    `ServerName ${name}`,
    ...(aliases.length === 0 ? [] : [`ServerAlias ${aliases.join(' ')}`]),
    ...(tls === null ? [] : ['SSLEngine on', 'SSLProtocol -all +TLSv1.2 +TLSv1.3', `SSLCertificateFile ${tls.certificate}`, `SSLCertificateKeyFile ${tls.key}`]),
    `LogFormat "%h %{UNIQUE_ID}e [%{%Y-%m-%dT%H:%M:%S%z}t] \\"%r\\" %>s %b %D %{BALANCER_WORKER_NAME}e" ${prefix}`,
    `CustomLog ${places.logs}/bulkhead-${clusterName}.access.log ${prefix}`,
    `ErrorLog ${places.logs}/bulkhead-${clusterName}.error.log`,
    '# bodies without a limit, streamed; headers as large as a node takes them',
    'LimitRequestBody 0',
    'LimitRequestFieldSize 32768',
    'LimitRequestLine 32768',
    block('IfModule reqtimeout_module', ['RequestReadTimeout header=20-60,MinRate=500 body=0']),
    `Timeout ${timeouts.clientSeconds}`,
    'KeepAlive On',
    'MaxKeepAliveRequests 0',
    '# a path is passed on as it came',
    'AllowEncodedSlashes NoDecode',
    'MergeSlashes On',
    '# between the nodes, and nobody else\'s',
    block('LocationMatch "(?i)^/+(?:artifactory/+)*api/+v1/+(?:mesh|cluster)(?![a-z0-9_.~-])"', ['Require all denied']),
    ...(dockerPaths ? [] : [block('LocationMatch "(?i)^/+(?:v2|(?:artifactory/+)*api/+docker)(?:/|$)"', ['Require all denied'])]),
    '# a client\'s word about itself is replaced, not added to',
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Server', 'X-Forwarded-Proto', 'X-Forwarded-Port', 'X-Real-IP', 'Forwarded', 'X-Bulkhead-Request-Id']
      .map((header) => `RequestHeader unset ${header} early`),
    `RequestHeader set X-Forwarded-Proto ${tls === null ? 'http' : 'https'}`,
    `RequestHeader set X-Forwarded-Port ${port}`,
    '# a node that gets a request twice does it once',
    'RequestHeader set X-Bulkhead-Request-Id "%{UNIQUE_ID}e"',
    ...(sticky ? [`Header always add Set-Cookie "${cookie}=.%{BALANCER_WORKER_ROUTE}e; Path=/; HttpOnly; SameSite=Lax${tls === null ? '' : '; Secure'}" env=BALANCER_ROUTE_CHANGED`] : []),
    own(502, errorAnswer('BACKEND_FAILED')), own(503, errorAnswer('NO_BACKEND')), own(504, errorAnswer('BACKEND_FAILED', 504)),
    'ProxyRequests Off',
    'ProxyPreserveHost On',
    'ProxyErrorOverride Off',
    `ProxyPass / balancer://${prefix}/ nocanon`,
  ]);
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function block(head: string, lines: readonly string[]): string {
  const inner = lines.flatMap((line) => line.split('\n')).map((line) => (line === '' ? '' : `    ${line}`)).join('\n');
  return `<${head}>\n${inner}\n</${head.split(' ', 1)[0] ?? ''}>`;
}
