import { expect, test } from 'vitest';
import { prefersAbbreviated, takesGzip } from './encoded.ts';

test('the coding that a client takes', () => {
  for (const header of ['gzip', 'gzip, deflate, br', 'GZIP;q=0.5', 'br, *', 'x-gzip']) expect(takesGzip(header), header).toBe(true);
  for (const header of [undefined, '', 'identity', 'gzip;q=0', 'br', '*;q=0', 'gzip;q=none', 'gzip;q=0, *']) expect(takesGzip(header), header).toBe(false);
});

test('the form that a client prefers', () => {
  const npm = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*';
  for (const header of [npm, 'application/vnd.npm.install-v1+json', 'application/json, application/vnd.npm.install-v1+json']) expect(prefersAbbreviated(header), header).toBe(true);
  for (const header of [undefined, '*/*', 'application/json', 'application/json, application/vnd.npm.install-v1+json;q=0.5', 'application/vnd.npm.install-v1+json;q=0']) expect(prefersAbbreviated(header), header).toBe(false);
});
