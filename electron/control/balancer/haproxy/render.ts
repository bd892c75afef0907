import { isIP } from 'node:net';
import { errorAnswer } from '../error-answer.ts';
import { authority, type BalancerModel } from '../model.ts';
import { stamped } from '../stamp.ts';

/**
 * A part of HAProxy's one configuration file: sections with names of their own, so that others in the same file are left alone.
 * Only the buffer's size is everybody's: what fits into it can be repeated.
 */
export function renderHaproxy(model: BalancerModel): string {
  return stamped(model, [
    section('global', [`tune.bufsize ${model.options.haproxyBufferBytes}`]),
    defaults(model), frontend(model), backend(model),
  ].join('\n'));
}

function defaults({ prefix, options: { timeouts } }: BalancerModel): string {
  return section(`defaults ${prefix}`, [
    'mode http',
    'log global',
    'option httplog',
    'option dontlognull',
    'option http-keep-alive',
    '# a request is sent on when all of it is here, or when the buffer is full: only then can it be repeated',
    'option http-buffer-request',
    `timeout connect ${timeouts.connectSeconds}s`,
    `timeout client ${timeouts.clientSeconds}s`,
    `timeout http-request ${timeouts.clientSeconds}s`,
    'timeout http-keep-alive 75s',
    `timeout server ${timeouts.readSeconds}s`,
    'timeout queue 30s',
    'timeout check 2s',
    'retries 3',
    '# another node with the first repetition, whatever the cookie says',
    'option redispatch 1',
    '# 429 sheds load and is not among them; nor is 500, which the next node would answer too',
    'retry-on conn-failure empty-response junk-response response-timeout 0rtt-rejected 502 503 504',
    '# a host without power says nothing: it is asked whether it is still there',
    'option srvtcpka',
    'srvtcpka-idle 5s',
    'srvtcpka-intvl 1s',
    'srvtcpka-cnt 3',
    `http-error status 502 content-type application/json string '${errorAnswer('BACKEND_FAILED')}'`,
    `http-error status 503 content-type application/json string '${errorAnswer('NO_BACKEND')}'`,
    `http-error status 504 content-type application/json string '${errorAnswer('BACKEND_FAILED', 504)}'`,
  ]);
}

function frontend({ prefix, options }: BalancerModel): string {
  const { dockerPaths, tls, listen } = options;
  const refuse = (pattern: string): string => `http-request return status 404 content-type application/json string '${errorAnswer('ROUTE_NOT_FOUND')}' if { path,url_dec -m reg -i ${pattern} }`;
  return section(`frontend ${prefix}`, [
    ...binds(listen).map((bind) => `bind ${bind}${tls === null ? '' : ` ssl crt ${tls.certificate} ssl-min-ver TLSv1.2`}`),
    '# between the nodes, and nobody else\'s',
    refuse('^/+(artifactory/+)*api/+v1/+(mesh|cluster)([^a-z0-9_.~-]|$)'),
    ...(dockerPaths ? [] : [refuse('^/+(v2|(artifactory/+)*api/+docker)(/|$)')]),
    '# a client\'s word about itself is replaced, not added to',
    'http-request del-header X-Forwarded- -m beg',
    'http-request del-header Forwarded',
    'http-request del-header X-Bulkhead- -m beg',
    'http-request set-header X-Forwarded-For %[src]',
    'http-request set-header X-Real-IP %[src]',
    `http-request set-header X-Forwarded-Proto ${tls === null ? 'http' : 'https'}`,
    'http-request set-header X-Forwarded-Host %[req.hdr(host)]',
    'http-request set-header X-Forwarded-Port %[dst_port]',
    '# the same in every attempt at one request: a node that gets it twice does it once',
    'unique-id-format %[uuid()]',
    'unique-id-header X-Bulkhead-Request-Id',
    `default_backend ${prefix}`,
  ]);
}

function backend({ prefix, options, backends }: BalancerModel): string {
  const { sticky, cookie, tls, timeouts } = options;
  return section(`backend ${prefix}`, [
    'balance leastconn',
    '# what may have been done must not be done twice',
    'http-request disable-l7-retry if { method POST PATCH }',
    `http-request set-timeout server ${timeouts.answerSeconds}s if { method GET HEAD OPTIONS }`,
    'option httpchk',
    'http-check send meth GET uri /artifactory/api/system/ping ver HTTP/1.1 hdr Host balancer',
    'http-check expect status 200',
    ...(sticky ? [`cookie ${cookie} insert indirect httponly${tls === null ? '' : ' secure'} attr "SameSite=Lax"`] : []),
    '# shutting sessions down with a node would cut what a draining one still finishes',
    '# a drain is noticed in a quarter of its notice, so that a busy host of the balancer has time left',
    'default-server check inter 500ms fastinter 250ms downinter 500ms rise 1 fall 2 init-addr last,libc,none',
    ...backends.map((each) => `server ${each.nodeId} ${authority(each)}${sticky ? ` cookie ${each.route}` : ''}${each.draining ? ' disabled' : ''}`),
  ]);
}

function binds({ address, port }: BalancerModel['options']['listen']): string[] {
  if (address === '*') return [`:${port}`, `[::]:${port} v6only`];
  return [`${isIP(address) === 6 ? `[${address}]` : address}:${port}`];
}

function section(head: string, lines: readonly string[]): string {
  return `${head}\n${lines.map((line) => `    ${line}`).join('\n')}\n`;
}
