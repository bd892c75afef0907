import { expect, it } from 'vitest';
import { databaseServers, serverAddress } from './database-servers.ts';

it.each([
  ['db', ['db:5432']],
  ['10.0.4.20, 10.0.4.21:5433', ['10.0.4.20:5432', '10.0.4.21:5433']],
  ['[fd00::1]:6000,fd00::2,db-3', ['[fd00::1]:6000', '[fd00::2]:5432', 'db-3:5432']],
  ['/run/postgresql', ['/run/postgresql:5432']],
])('%s names its servers', (text, addresses) => {
  expect(databaseServers(text, 5432)?.map(serverAddress)).toEqual(addresses);
});

it.each(['', 'a,', 'a,,b', 'a b', 'db:0', 'db:65536', 'db:port', '[::1', 'a:1:b', 'h1,h2,h3,h4,h5,h6,h7,h8,h9'])('"%s" is no list of servers', (text) => {
  expect(databaseServers(text, 5432)).toBeNull();
});
