import type { AddressInfo, Server } from 'node:net';
import { createServer as createPlainServer } from 'node:net';
import { createServer, TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { nodeConfig, type NodeConfig } from '../config/schema.ts';
import { lookAtCertificates } from './certificates.ts';

// of this test only, signed by itself: who it belongs to does not matter here, when it ends does
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgT2PNDF1gQW5laRsV
83Kh5MfOQg5g5n6WLzkC9BqJ0kWhRANCAARbINVNuXdGZeLKLupwdKtGTofPwKDW
+88RlutnLuaUmgLnuWW8/7AzjrhjZctcyTCjje6E611XAVZvpEc+A4wj
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUH1s0McnUYaFYOCF4lNhGeZjb74YwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIxMzgwNFoYDzIxMjYxMDMw
MjEzODA0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARbINVNuXdGZeLKLupwdKtGTofPwKDW+88RlutnLuaUmgLnuWW8/7Az
jrhjZctcyTCjje6E611XAVZvpEc+A4wjo1MwUTAdBgNVHQ4EFgQU5NBi2NmsGC2A
XcXmR4cfX89OHQkwHwYDVR0jBBgwFoAU5NBi2NmsGC2AXcXmR4cfX89OHQkwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA/Mcm1pbyP1iGrDgiDYIH
6KNuabP18qIhWtlg4cFCM7wCIQDfCp0SvjMN0BQMn4U2WZwRz0eYEv+v8yQ+V7ii
RBajYQ==
-----END CERTIFICATE-----
`;
const notAfter = Date.parse('Oct 30 21:38:04 2126 GMT');

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => { server.close(resolve); })));
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return (server.address() as AddressInfo).port;
}

/** Answers a request for TLS as PostgreSQL does, and then speaks it. */
function database(answer: 'S' | 'N'): Server {
  return createPlainServer((socket) => {
    socket.once('data', (request) => {
      if (request.readUInt32BE(4) !== 80_877_103) socket.destroy();
      socket.write(answer);
      if (answer === 'S') new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => undefined);
    }).on('error', () => undefined);
  });
}

function configOf(baseUrl: string, port: number, mode: 'disable' | 'require' | 'verify-full'): NodeConfig {
  return nodeConfig.parse({
    node: { id: 'n1', url: 'http://127.0.0.1:8081' }, cluster: { keyFile: 'cluster.key' }, baseUrl, filestore: { path: '/srv' },
    database: { host: '127.0.0.1', port, name: 'b', user: 'b', tls: { mode } },
  });
}

it('sees when the certificates of the public address and of the database end, whoever signed them', async () => {
  const web = await listening(createServer({ key, cert }));
  const seen = await lookAtCertificates(configOf(`https://127.0.0.1:${String(web)}`, await listening(database('S')), 'require'));
  expect(seen.map(({ subject, notAfter: end }) => [subject, end])).toEqual([['public-address', notAfter], ['database', notAfter]]);
});

it('leaves out what uses no TLS, and what does not answer', async () => {
  expect(await lookAtCertificates(configOf('http://127.0.0.1:1', 1, 'disable'))).toEqual([]);
  expect(await lookAtCertificates(configOf('https://127.0.0.1:1', 1, 'verify-full'))).toEqual([]);
  expect(await lookAtCertificates(configOf('http://127.0.0.1:1', await listening(database('N')), 'require'))).toEqual([]);
});
