import { isIP } from 'node:net';
import { errorAnswer } from '../error-answer.ts';
import { authority, type BalancerModel, type ModelBackend } from '../model.ts';
import { greaterThan } from '../number-pattern.ts';
import { stamped } from '../stamp.ts';

/** A node is tried again this long after it has failed, seconds: a restarted one is soon used again. */
const restSeconds = 2;
/** Requests of these methods can be sent to another node after they were sent to one (RFC 9110 section 9.2.2). */
const repeatable = 'GET|HEAD|OPTIONS|PUT|DELETE';

/**
 * One file for nginx's `conf.d`, valid inside `http`. nginx has no sticky sessions of its own and no variable for request
 * buffering: a map sends a cookie to an upstream in which the other nodes are the backup, and what can be repeated has
 * another location than what is streamed.
 */
export function renderNginx(model: BalancerModel): string {
  return stamped(model, [upstreams(model), maps(model), logFormat(model), server(model)].join('\n'));
}

/** nginx wants a server in each upstream. */
const nobody = 'server 127.0.0.1:1 down;';

function upstreams(model: BalancerModel): string {
  const { prefix, options, backends } = model;
  const serving = backends.filter(({ draining }) => !draining);
  const sticky = options.sticky && serving.length > 1 ? serving : [];
  return [
    upstream(prefix, backends.length === 0 ? [nobody] : backends.map((each) => serverLine(each, each.draining ? ' down' : '')), true),
    '# asked when none of them has been well of late: an answer of 503 counts against a node for a while, and could count against all',
    upstream(`${prefix}_any`, backends.length === 0 ? [nobody] : backends.map((each) => `server ${authority(each)} max_fails=0${each.draining ? ' down' : ''};`), true),
    ...sticky.map((chosen) => upstream(
      `${prefix}_${chosen.route}`,
      [serverLine(chosen, ''), ...serving.filter((each) => each !== chosen).map((each) => serverLine(each, ' backup'))], false,
    )),
  ].join('\n');
}

function upstream(name: string, servers: readonly string[], balanced: boolean): string {
  // the zone makes all workers know of a failed node what one of them has found out
  return block(`upstream ${name}`, [`zone ${name} 256k;`, ...(balanced ? ['least_conn;'] : []), ...servers, 'keepalive 64;', 'keepalive_timeout 60s;']);
}

function serverLine(backend: ModelBackend, mark: string): string {
  return `server ${authority(backend)} max_fails=1 fail_timeout=${restSeconds}s${mark}; # ${backend.nodeId}`;
}

function maps({ prefix, options, backends }: BalancerModel): string {
  const serving = backends.filter(({ draining }) => !draining);
  const sticky = options.sticky && serving.length > 1;
  const limit = greaterThan(options.largeBodyBytes);
  return [
    ...(sticky ? [
      ...(serving.some(({ host }) => isIP(host) === 0) ? byLot(prefix, options.cookie, serving) : byAnswer(prefix, options.cookie, serving)),
      '# told to the client when it is another one than its cookie says',
      block(`map "$cookie_${options.cookie}:$${prefix}_route" $${prefix}_set_cookie`, [
        'default "";', ...serving.map(({ route }) => `"~^${route}:${route}$" "";`),
        ...serving.map(({ route }) => `"~:${route}$" "${options.cookie}=${route}; Path=/; HttpOnly; SameSite=Lax${options.tls === null ? '' : '; Secure'}";`),
      ]),
    ] : []),
    '# 1: streamed to one node. A body without a length may be of any size.',
    block(`map "$request_method:$http_transfer_encoding:$content_length" $${prefix}_stream`, [
      'default 1;', `"~^(?:${repeatable})::${limit.slice(1)}" 1;`, `"~^(?:${repeatable})::[0-9]*$" 0;`,
    ]),
  ].join('\n');
}

/** Who is new goes to the node with the fewest requests, and is told which one has answered. */
function byAnswer(prefix: string, cookie: string, serving: readonly ModelBackend[]): string[] {
  return [
    block(`map $cookie_${cookie} $${prefix}_upstream`, [`default ${prefix};`, ...serving.map(({ route }) => `${route} ${prefix}_${route};`)]),
    '# the node that answered: the last one of those that were tried',
    block(`map $upstream_addr $${prefix}_route`, ['default "";', ...serving.map((each) => `"~(?:^|[ ,])${escaped(authority(each))}$" ${each.route};`)]),
  ];
}

/** nginx does not tell which of its names has answered, only that one's address: who is new gets a node by lot. */
function byLot(prefix: string, cookie: string, serving: readonly ModelBackend[]): string[] {
  const share = (Math.floor(10_000 / serving.length) / 100).toFixed(2);
  return [
    '# an answer names the address of a node, which stands nowhere here: who is new is given one by lot',
    block(`split_clients $request_id $${prefix}_lot`, serving.map(({ route }, at) => `${at === serving.length - 1 ? '*' : `${share}%`} ${route};`)),
    block(`map $cookie_${cookie} $${prefix}_route`, [`default $${prefix}_lot;`, ...serving.map(({ route }) => `${route} ${route};`)]),
    block(`map $${prefix}_route $${prefix}_upstream`, [`default ${prefix};`, ...serving.map(({ route }) => `${route} ${prefix}_${route};`)]),
  ];
}

function logFormat({ prefix }: BalancerModel): string {
  return `log_format ${prefix} '$remote_addr $request_id [$time_iso8601] "$request" $status $body_bytes_sent $request_time '
    '"$upstream_addr" "$upstream_status" "$upstream_response_time"';`;
}

function server(model: BalancerModel): string {
  const { prefix, options, clusterName, places } = model;
  const { tls, timeouts, serverNames, dockerPaths, largeBodyBytes } = options;
  const sticky = options.sticky && model.backends.filter(({ draining }) => !draining).length > 1;
  const target = sticky ? `$${prefix}_upstream` : prefix;
  const failed = `error_page 502 = @${prefix}_failed;`;
  const late = `error_page 504 = @${prefix}_late;`;
  const lines = [
    ...listens(options),
    `server_name ${serverNames.length === 0 ? '_' : serverNames.join(' ')};`,
    ...(tls === null ? [] : [
      `ssl_certificate ${tls.certificate};`, `ssl_certificate_key ${tls.key};`, 'ssl_protocols TLSv1.2 TLSv1.3;',
      `ssl_session_cache shared:${prefix}_tls:10m;`, 'ssl_session_timeout 1d;', 'ssl_session_tickets off;',
    ]),
    `access_log ${places.logs}/bulkhead-${clusterName}.access.log ${prefix};`,
    `error_log ${places.logs}/bulkhead-${clusterName}.error.log warn;`,
    'server_tokens off;',
    '',
    '# as large as a node takes them; bodies without a limit',
    'client_max_body_size 0;',
    'client_body_buffer_size 256k;',
    'large_client_header_buffers 4 32k;',
    `client_body_timeout ${timeouts.clientSeconds}s;`,
    `send_timeout ${timeouts.clientSeconds}s;`,
    'keepalive_timeout 75s;',
    'keepalive_requests 100000;',
    '',
    'proxy_http_version 1.1;',
    'proxy_set_header Connection "";',
    'proxy_set_header Host $http_host;',
    '# a client\'s word about itself is replaced, not added to',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_set_header X-Forwarded-Host $http_host;',
    'proxy_set_header X-Forwarded-Port $server_port;',
    'proxy_set_header X-Real-IP $remote_addr;',
    'proxy_set_header Forwarded "";',
    '# the same in every attempt at one request: a node that gets it twice does it once',
    'proxy_set_header X-Bulkhead-Request-Id $request_id;',
    `proxy_connect_timeout ${timeouts.connectSeconds}s;`,
    'proxy_socket_keepalive on;',
    '# 429 sheds load: it is neither repeated nor held against the node',
    'proxy_next_upstream error timeout invalid_header http_502 http_503 http_504;',
    'proxy_next_upstream_tries 0;',
    'proxy_buffer_size 32k;',
    'proxy_buffers 8 32k;',
    'proxy_busy_buffers_size 64k;',
    '# an answer goes to the client as fast as that takes it, never through a file',
    'proxy_max_temp_file_size 0;',
    'recursive_error_pages on;',
    ...(sticky ? [`add_header Set-Cookie $${prefix}_set_cookie always;`] : []),
    failed, late,
    '',
    '# between the nodes, and nobody else\'s',
    block('location ~* ^/(?:artifactory/)*api/v1/(?:mesh|cluster)(?![a-z0-9_.~-])', refusal()),
    ...(dockerPaths ? [] : [block('location ~* ^/(?:v2|(?:artifactory/)*api/docker)(?:/|$)', refusal())]),
    '',
    `# GET, HEAD, DELETE, and PUT up to ${largeBodyBytes} bytes: taken in completely, so that another node can get it too`,
    block('location /', [
      `error_page 418 = @${prefix}_stream;`, `error_page 502 = @${prefix}_any;`, late, `if ($${prefix}_stream) { return 418; }`,
      'proxy_request_buffering on;', `proxy_read_timeout ${timeouts.answerSeconds}s;`, `proxy_send_timeout ${timeouts.answerSeconds}s;`, `proxy_pass http://${target};`,
    ]),
    block(`location @${prefix}_any`, [
      failed, late,
      'proxy_request_buffering on;', `proxy_read_timeout ${timeouts.answerSeconds}s;`, `proxy_send_timeout ${timeouts.answerSeconds}s;`, `proxy_pass http://${prefix}_any;`,
    ]),
    '',
    '# everything else goes to one node as it comes',
    block(`location @${prefix}_stream`, [
      'proxy_request_buffering off;', `proxy_read_timeout ${timeouts.readSeconds}s;`, `proxy_send_timeout ${timeouts.readSeconds}s;`, `proxy_pass http://${target};`,
    ]),
    '',
    block(`location @${prefix}_failed`, ['default_type application/json;', `return 502 '${errorAnswer('BACKEND_FAILED')}';`]),
    block(`location @${prefix}_late`, ['default_type application/json;', `return 504 '${errorAnswer('BACKEND_FAILED', 504)}';`]),
  ];
  return block('server', lines);
}

function refusal(): string[] {
  return ['default_type application/json;', `return 404 '${errorAnswer('ROUTE_NOT_FOUND')}';`];
}

function listens({ listen: { address, port }, serverNames, tls }: BalancerModel['options']): string[] {
  // without names it takes whatever comes to the port; a second server that wants the same is refused by nginx itself
  const marks = `${serverNames.length === 0 ? ' default_server' : ''}${tls === null ? '' : ' ssl'}`;
  if (address === '*') return [`listen ${port}${marks};`, `listen [::]:${port}${marks};`];
  return [`listen ${isIP(address) === 6 ? `[${address}]` : address}:${port}${marks};`];
}

function escaped(text: string): string {
  return text.replace(/[.[\]]/g, '\\$&');
}

/** A block with its lines indented; lines of lines too. */
function block(head: string, lines: readonly string[]): string {
  const inner = lines.flatMap((line) => line.split('\n')).map((line) => (line === '' ? '' : `    ${line}`)).join('\n');
  return `${head} {\n${inner}\n}\n`.replace(/\n\n}/g, '\n}');
}
