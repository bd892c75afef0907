import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasOpenSsh, makeKey } from '../../../../test/harness/key-files.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/harness/temporary-folder.ts';
import { wireString } from '../wire.ts';
import { certificateProblem, readHostCertificate } from './host-certificate.ts';

/** Held against certificates that ssh-keygen has made. */
describe.skipIf(!hasOpenSsh)('certificates of hosts', () => {
  let folder: TemporaryFolder;
  let count = 0;
  beforeAll(async () => { folder = await temporaryFolder('certificates'); });
  afterAll(() => folder.remove());

  /** @param options of ssh-keygen, for example `-V +1d` */
  function certify({ type = 'ed25519', by = 'ed25519', names = 'web.lan,*.dmz', options = [] as readonly string[], about = ['-h'] as readonly string[] } = {}): { blob: Buffer; key: string; authority: string } {
    count += 1;
    const [key, authority] = [makeKey(folder.path, `host-${String(count)}`, '', type), makeKey(folder.path, `authority-${String(count)}`, '', by)];
    execFileSync('ssh-keygen', ['-q', '-s', authority.path, '-I', 'a host', ...about, ...(names === '' ? [] : ['-n', names]), ...options, `${key.path}.pub`]);
    const [, encoded = ''] = readFileSync(join(folder.path, `host-${String(count)}-cert.pub`), 'utf8').split(' ');
    return { blob: Buffer.from(encoded, 'base64'), key: key.key, authority: authority.key };
  }

  it.each([['ed25519', 'ed25519'], ['ecdsa', 'ed25519'], ['rsa', 'ed25519'], ['ed25519', 'ecdsa'], ['ed25519', 'rsa']] as const)('an %s key, signed by an %s one', (type, by) => {
    const { blob, key, authority } = certify({ type, by });
    const certificate = readHostCertificate(blob);
    expect([certificate.key.key, certificate.authority.key, certificate.names]).toEqual([key, authority, ['web.lan', '*.dmz']]);
    for (const name of ['web.lan', 'WEB.lan', 'a.dmz']) expect(certificateProblem(certificate, name)).toBeNull();
    expect(certificateProblem(certificate, 'other.lan')).toBe('its certificate is for web.lan, *.dmz, and not for other.lan');
  });

  it('knows larger curves, and RSA with SHA-256', () => {
    const [key, by] = [makeKey(folder.path, 'host-curve', '', 'ecdsa'), join(folder.path, 'authority-curve')];
    for (const bits of ['384', '521']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-b', bits, '-N', '', '-f', `${by}${bits}`]);
      execFileSync('ssh-keygen', ['-q', '-s', `${by}${bits}`, '-I', 'x', '-h', '-n', 'web', `${key.path}.pub`]);
      readHostCertificate(Buffer.from(readFileSync(`${key.path}-cert.pub`, 'utf8').split(' ')[1] ?? '', 'base64'));
    }
    readHostCertificate(certify({ by: 'rsa', options: ['-t', 'rsa-sha2-256'] }).blob);
  });

  it('says when it is not valid yet, and when no more', () => {
    const certificate = readHostCertificate(certify({ options: ['-V', '20260101000000Z:20260201000000Z'] }).blob);
    const at = (text: string): string | null => certificateProblem(certificate, 'web.lan', Date.parse(text));
    expect(at('2025-12-31T23:59:59Z')).toMatch(/valid from 2026-01-01 00:00 UTC on$/);
    expect([at('2026-01-01T00:00:00Z'), at('2026-01-31T23:59:59Z')]).toEqual([null, null]);
    expect(at('2026-02-01T00:00:00Z')).toMatch(/expired at 2026-02-01/);
    expect(certificateProblem({ ...certificate, from: 2n ** 64n - 1n }, 'web.lan')).toBe('its certificate is valid from +275760-09-13 00:00 UTC on');
  });

  it('repeats nothing that could steer a terminal of a host that nobody knows', () => {
    const kind = (name: string) => () => readHostCertificate(wireString(name));
    expect(kind('ssh-new-cert-v01@openssh.com')).toThrow('certificates of the kind "ssh-new-cert-v01@openssh.com" are not known here');
    expect(kind('constructor-cert-v01@openssh.com')).toThrow(/are not known here$/);
    for (const name of ['\u001b]0;owned\u0007', 'a\u009b31m', 'two words', 'x'.repeat(65), '']) expect(kind(name)).toThrow(/^certificates of its kind are not known here$/);
  });

  it('goes by no certificate that names nobody, asks for more than is known, is about a user, or is signed with SHA-1', () => {
    expect(certificateProblem(readHostCertificate(certify({ names: '' }).blob), 'web.lan')).toMatch(/names no host/);
    expect(certificateProblem(readHostCertificate(certify({ options: ['-O', 'critical:new@example.com=x'] }).blob), 'web.lan')).toMatch(/not known here/);
    expect(() => readHostCertificate(certify({ about: [] }).blob)).toThrow('it is not about a host');
    expect(() => readHostCertificate(certify({ by: 'rsa', options: ['-t', 'ssh-rsa'] }).blob)).toThrow('its signature is wrong');
  });

  it.each(['ed25519', 'ecdsa', 'rsa'])('sees every byte that an %s authority has not signed, and every one that is missing', (by) => {
    const { blob } = certify({ by });
    // each byte in its turn would be slow for RSA, and shows nothing more
    for (let at = 0; at < blob.length; at += by === 'ed25519' ? 1 : 7) {
      const forged = Buffer.from(blob);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(() => readHostCertificate(forged), `byte ${String(at)}`).toThrow();
      expect(() => readHostCertificate(blob.subarray(0, at)), `cut at ${String(at)}`).toThrow();
    }
    expect(() => readHostCertificate(Buffer.concat([blob, Buffer.alloc(1)]))).toThrow('after its end');
  });
});
