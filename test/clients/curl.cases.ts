import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import type { ClientWorld } from './client-world.ts';

export function curlCases(world: ClientWorld): void {
  describe('curl', () => {
    const run = promisify(execFile);
    let cluster: TestCluster;
    let folder: TemporaryFolder;

    beforeAll(async () => {
      await run('curl', ['--version']).catch(() => { throw new Error('this test needs: apt-get install -y --no-install-recommends curl'); });
      ({ cluster } = world);
      folder = await temporaryFolder('curl');
      // credentials in a file: not in the argument list, where anybody could read them
      await writeFile(join(folder.path, 'login'), `user = "${cluster.admin.user}:${cluster.admin.password}"\n`, { mode: 0o600 });
    });
    afterAll(async () => {
      await folder.remove();
    });

    /** curl as an engineer would call it; resolves to the status and the body. */
    async function curl(...args: string[]): Promise<{ status: number; body: Buffer; headers: string }> {
      const head = join(folder.path, 'head');
      const { stdout } = await run('curl', ['-sS', '-K', join(folder.path, 'login'), '-D', head, ...args], { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
      const headers = (await readFile(head, 'utf8')).toLowerCase();
      const status = Number([...headers.matchAll(/^http\/1\.1 (\d{3})/gm)].at(-1)?.[1]);
      return { status, body: stdout, headers };
    }

    const digest = (algorithm: string, bytes: Buffer): string => createHash(algorithm).update(bytes).digest('hex');

    it('uploads, downloads, continues and checks a file through the balancer', async () => {
      const url = `${cluster.balancer.url}/artifactory/generic-local/tools/some file.bin`.replace(' ', '%20');
      const content = randomBytes(3_000_000);
      const file = join(folder.path, 'content');
      await writeFile(file, content);

      const put = await curl('-T', file, url);
      expect(put.status).toBe(201);
      const made = JSON.parse(put.body.toString()) as { size: string; checksums: Record<string, string>; downloadUri: string };
      expect(made).toMatchObject({ size: '3000000', checksums: { sha256: digest('sha256', content), sha1: digest('sha1', content), md5: digest('md5', content) } });

      const whole = await curl(url);
      expect(whole.status).toBe(200);
      expect(digest('sha256', whole.body)).toBe(digest('sha256', content));
      expect(whole.headers).toContain(`x-checksum-sha256: ${digest('sha256', content)}`);

      const part = await curl('-r', '1000000-1999999', url);
      expect(part.status).toBe(206);
      expect(part.body.equals(content.subarray(1_000_000, 2_000_000))).toBe(true);
      expect(part.headers).toContain('content-range: bytes 1000000-1999999/3000000');

      const target = join(folder.path, 'continued');
      await writeFile(target, content.subarray(0, 1_234_567));
      await curl('-C', '-', '-o', target, url);
      expect(digest('sha256', await readFile(target))).toBe(digest('sha256', content));

      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
        expect((await curl(`${url}.${algorithm}`)).body.toString().trim()).toBe(digest(algorithm, content));
      }

      const etag = /^etag: (.*)\r$/m.exec(whole.headers)?.[1] ?? '';
      expect((await curl('-H', `If-None-Match: ${etag}`, url)).status).toBe(304);
      expect((await curl('-I', url)).headers).toContain('content-length: 3000000');

      expect((await curl('-T', file, '-H', `X-Checksum-Sha256: ${'0'.repeat(64)}`, `${url}.wrong`)).status).toBe(409);
      expect((await curl(`${url}.wrong`)).status).toBe(404);
      const again = await curl('-X', 'PUT', '-H', 'X-Checksum-Deploy: true', '-H', `X-Checksum-Sha1: ${digest('sha1', content)}`, `${url}.copy`);
      expect(again.status).toBe(201);
      expect(digest('md5', (await curl(`${url}.copy`)).body)).toBe(digest('md5', content));

      expect((await curl('-X', 'DELETE', url)).status).toBe(204);
      expect((await curl(url)).status).toBe(404);
    });

    it('takes a chunked upload and refuses nobody in particular', async () => {
      const url = `${cluster.balancer.url}/artifactory/generic-local/chunked.bin`;
      const file = join(folder.path, 'chunked');
      await writeFile(file, randomBytes(500_000));
      expect((await curl('-T', file, '-H', 'Transfer-Encoding: chunked', url)).status).toBe(201);
      expect(digest('sha1', (await curl(url)).body)).toBe(digest('sha1', await readFile(file)));
      expect((await curl('-u', ':', url)).status).toBe(401);
    });

    it.each(['/artifactory/api/v1/cluster', '/api/v1/cluster', '/artifactory//api/v1/cluster', '/artifactory/%61pi/v1/mesh'])('the balancer keeps %s to the nodes', async (path) => {
      const answer = await curl('--path-as-is', `${cluster.balancer.url}${path}`);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ errors: [{ code: 'ROUTE_NOT_FOUND' }] });
    });
  });
}
