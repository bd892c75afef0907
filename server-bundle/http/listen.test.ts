import { expect, it } from 'vitest';
import { listenOn, type Listening } from './listen.ts';

/** A server on a host on which these addresses fail so. */
function serverWith(failures: Readonly<Record<string, string>>): Listening & { readonly tried: string[] } {
  const tried: string[] = [];
  return {
    tried,
    listen: ({ host }) => {
      tried.push(host);
      const code = failures[host];
      return code === undefined ? Promise.resolve() : Promise.reject(Object.assign(new Error(code), { code }));
    },
  };
}

it('takes IPv4 alone where a host knows no IPv6, and only when every address is meant', async () => {
  const server = serverWith({ '::': 'EAFNOSUPPORT', 'fd00::1': 'EAFNOSUPPORT' });
  await listenOn(server, { host: '::', port: 8081 });
  expect(server.tried).toEqual(['::', '0.0.0.0']);
  await expect(listenOn(server, { host: 'fd00::1', port: 8081 })).rejects.toThrow('EAFNOSUPPORT');
});

it('says that the port is taken', async () => {
  await expect(listenOn(serverWith({ '::': 'EADDRINUSE' }), { host: '::', port: 8081 })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});
