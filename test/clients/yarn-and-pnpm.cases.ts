import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import type { ClientWorld } from './client-world.ts';
import { OtherClients } from './npm/other-clients.ts';
import { writePackage } from './npm/project.ts';
import { NpmHome } from './npm/run-npm.ts';

/** What Yarn 1 and pnpm do with an npm registry that npm does in other words. */
export function yarnAndPnpmCases(world: ClientWorld): void {
  describe('Yarn and pnpm', () => {
    let folder: TemporaryFolder;
    let clients: OtherClients | null;
    let home: NpmHome;
    let registry: string;

    beforeAll(async () => {
      folder = await temporaryFolder('yarn-and-pnpm');
      clients = await OtherClients.install(join(folder.path, 'clients'));
      await world.repository('npm-others', { rclass: 'local', packageType: 'npm' });
      registry = `${world.address}/artifactory/api/npm/npm-others/`;
      home = await NpmHome.create(join(folder.path, 'home'), registry, [NpmHome.basic(registry, world.cluster.admin), 'always-auth=true']);
    });
    afterAll(() => folder.remove());

    async function run(client: 'yarn' | 'pnpm', context: TestContext, cwd: string, ...args: string[]): Promise<string> {
      if (clients === null) {
        process.stderr.write('\nSKIPPED: the registry that npm is configured with cannot be reached; Yarn and pnpm were NOT tried\n');
        return context.skip('the registry that npm is configured with cannot be reached');
      }
      const result = await clients.run(client, home, cwd, args);
      expect(result, `${client} ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toMatchObject({ exitCode: 0 });
      return result.stdout;
    }

    it('Yarn publishes, installs, and installs again from its lock file', async (context) => {
      const library = await writePackage(join(folder.path, 'yarn-library'), { name: '@acme/by-yarn', version: '1.0.0' }, { 'index.js': 'module.exports = 1;\n' });
      await run('yarn', context, library, 'publish', '--non-interactive', '--new-version', '1.0.0', '--no-git-tag-version');
      const app = await writePackage(join(folder.path, 'yarn-app'), { name: 'yarn-app', version: '1.0.0', private: true });
      await run('yarn', context, app, 'add', '--non-interactive', '@acme/by-yarn@^1.0.0');
      const lock = await readFile(join(app, 'yarn.lock'), 'utf8');
      expect(lock).toContain(`resolved "${registry}@acme/by-yarn/-/`);
      expect(lock).toMatch(/integrity sha512-/);
      await rm(join(app, 'node_modules'), { recursive: true });
      await run('yarn', context, app, 'cache', 'clean');
      await run('yarn', context, app, 'install', '--frozen-lockfile', '--non-interactive');
      expect(await readFile(join(app, 'node_modules/@acme/by-yarn/index.js'), 'utf8')).toBe('module.exports = 1;\n');
      expect(await run('yarn', context, app, 'info', '--json', '@acme/by-yarn', 'dist-tags')).toContain('"latest":"1.0.0"');
    });

    it('pnpm publishes, installs, installs again from its lock file, and audits', async (context) => {
      const library = await writePackage(join(folder.path, 'pnpm-library'), { name: 'by-pnpm', version: '2.0.0' }, { 'index.js': 'module.exports = 2;\n' });
      await run('pnpm', context, library, 'publish', '--no-git-checks');
      const app = await writePackage(join(folder.path, 'pnpm-app'), { name: 'pnpm-app', version: '1.0.0', private: true });
      const store = join(folder.path, 'pnpm-store');
      await run('pnpm', context, app, 'add', '--store-dir', store, 'by-pnpm');
      await rm(join(app, 'node_modules'), { recursive: true });
      await rm(store, { recursive: true });
      await run('pnpm', context, app, 'install', '--frozen-lockfile', '--store-dir', store);
      expect(await readFile(join(app, 'node_modules/by-pnpm/index.js'), 'utf8')).toBe('module.exports = 2;\n');
      expect(await run('pnpm', context, app, 'audit')).toContain('No known vulnerabilities found');
    });
  });
}
