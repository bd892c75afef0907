import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An authority of one's own and a certificate by it, made with openssl as an administrator makes them. PEM. */
export interface Certificates {
  readonly ca: string;
  readonly key: string;
  readonly certificate: string;
}

/** @param names for the certificate, in the words of `subjectAltName`: `DNS:registry.internal` */
export function makeCertificates(folder: string, names: readonly string[]): Certificates {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => { execFileSync('openssl', args, { stdio: 'pipe', cwd: folder }); };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=An authority of a test');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  writeFileSync(at('names'), `subjectAltName=${names.join(',')}\n`);
  openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names', '-out', 'server.pem');
  const [ca = '', serverKey = '', certificate = ''] = ['ca.pem', 'server.key', 'server.pem'].map((name) => readFileSync(at(name), 'utf8'));
  return { ca, key: serverKey, certificate };
}
