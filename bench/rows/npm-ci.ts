import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NpmHome } from '../../test/clients/npm/run-npm.ts';
import { writePackage } from '../../test/clients/npm/project.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { against, alternate } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { startNginx } from '../peers/nginx.ts';
import { startOurs, type Ours } from '../peers/ours.ts';
import { startVerdaccio } from '../peers/verdaccio.ts';

/** More than 600 packages. */
const tree = { jest: '29.7.0', webpack: '5.95.0', 'webpack-dev-server': '5.1.0', '@babel/preset-env': '7.25.8', express: '4.21.1' };

async function npmSetting(name: string): Promise<string> {
  const value = (await promisify(execFile)('npm', ['config', 'get', name])).stdout.trim();
  return value === 'null' || value === 'undefined' ? '' : value;
}

/** A remote repository of the registry that npm itself is configured with; everybody may read it, as with the peers. */
async function remoteRepository(ours: Ours): Promise<string> {
  const [registry, proxy, caFile] = [await npmSetting('registry'), await npmSetting('https-proxy'), await npmSetting('cafile')];
  const pem = caFile === '' ? '' : await readFile(caFile, 'utf8');
  await ours.repository('npm-remote', 'npm', {
    rclass: 'remote', url: registry, proxy, socketTimeoutMillis: 60_000, allowPrivateAddresses: true, caCertificates: pem.length > 200_000 ? '' : pem,
  });
  const open = await ours.cluster.nodes[0]?.client.put('/api/v1/settings/anonymous-read', JSON.stringify({ enabled: true }), { headers: { 'content-type': 'application/json' } });
  if (open?.status !== 200) throw new Error(`reading was not opened: ${open?.text() ?? ''}`);
  return `${ours.url}/api/npm/npm-remote/`;
}

/** One project that installs what a lock file says from one registry. */
class Project {
  readonly #folder: string;
  readonly #home: NpmHome;

  private constructor(folder: string, home: NpmHome) {
    this.#folder = folder;
    this.#home = home;
  }

  static async create(folder: string, name: string, registry: string): Promise<Project> {
    const at = join(folder, name);
    await writePackage(at, { name: 'bench-tree', version: '1.0.0', private: true, dependencies: tree });
    return new Project(at, await NpmHome.create(join(folder, `${name}-home`), registry, ['fetch-timeout=120000']));
  }

  get lockFile(): string {
    return join(this.#folder, 'package-lock.json');
  }

  /** With an empty cache of npm's own. Resolves to the seconds it took. */
  async run(...command: string[]): Promise<number> {
    await this.#home.forget();
    await rm(join(this.#folder, 'node_modules'), { recursive: true, force: true });
    const begun = performance.now();
    const { exitCode, stderr } = await this.#home.run(this.#folder, [...command, '--ignore-scripts', '--no-audit']);
    if (exitCode !== 0) throw new Error(`npm ${command.join(' ')} failed: ${stderr.slice(-1000)}`);
    return (performance.now() - begun) / 1000;
  }
}

export const npmCi: Row = {
  name: 'npm-ci',
  title: '`npm ci` of more than 500 packages, all of them cached',
  run: async (pace) => {
    await using ours = await startOurs();
    await using nginx = await startNginx();
    await using folder = await temporaryFolder('npm-ci');
    const registry = await remoteRepository(ours);
    await using verdaccio = await startVerdaccio(registry);
    const own = await Project.create(folder.path, 'ours', registry);
    await own.run('install', '--package-lock-only');
    const lock = await readFile(own.lockFile, 'utf8');
    const at = async (name: string, address: string): Promise<Project> => {
      const project = await Project.create(folder.path, name, address);
      await writeFile(project.lockFile, lock.replaceAll(registry, address));
      return project;
    };
    const paths = [...lock.matchAll(/"resolved": "([^"]+)"/g)].map(([, resolved = '']) => resolved.slice(registry.length));
    const unique = [...new Set(paths)];
    if (unique.length < 500) throw new Error(`the tree has only ${String(unique.length)} packages`);
    for (const path of unique) {
      const answer = await fetch(`${registry}${path}`);
      if (!answer.ok) throw new Error(`our node did not give ${path}: ${String(answer.status)}`);
      await nginx.put(path, Buffer.from(await answer.arrayBuffer()));
    }
    pace.say(`${String(unique.length)} packages are cached`);
    const fromVerdaccio = await at('verdaccio', `${verdaccio.url}/`);
    const fromNginx = await at('nginx', `${nginx.url}/`);
    // the warming round fills Verdaccio
    const seen = await alternate({ ours: () => own.run('ci'), Verdaccio: () => fromVerdaccio.run('ci'), nginx: () => fromNginx.run('ci') }, pace.quick ? 1 : 5);
    return {
      figures: [
        against('wall time against Verdaccio', 's', seen.ours, 'Verdaccio', seen.Verdaccio, { sense: 'at most', value: 0.9 }),
        against('wall time against the same files from nginx', 's', seen.ours, 'nginx', seen.nginx, { sense: 'at most', value: 1.15 }),
      ],
      notes: [`${String(unique.length)} tarballs. npm's own cache is empty at each run. Verdaccio has been filled from our node by a run before.`],
    };
  },
};
