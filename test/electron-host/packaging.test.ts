import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { demoPrograms, hostRuntime } from '../../electron/shells/installation.ts';
import { projectRoot } from '../../scripts/build.ts';
import { runtimeFile, runtimeFolder } from '../../scripts/host-runtimes.ts';

interface Packaging {
  files: string[];
  asarUnpack: string[];
  electronFuses: Record<string, boolean>;
  extraResources: { from: string; to: string; filter?: string[] }[];
  linux: { icon: string; extraResources: { from: string; to: string }[] };
  directories: { buildResources: string };
}

const packaging = parse(readFileSync(join(projectRoot, 'electron-builder.yml'), 'utf8')) as Packaging;

it('is a configuration that electron-builder accepts', async () => {
  const require = createRequire(createRequire(join(projectRoot, 'package.json')).resolve('electron-builder'));
  const { validateConfiguration } = require('app-builder-lib/out/util/config/config') as {
    validateConfiguration(config: unknown, logger: { add(): void; isEnabled: boolean }): Promise<void>;
  };
  const logger = { isEnabled: false, add: () => undefined };
  await expect(validateConfiguration(packaging, logger)).resolves.toBeUndefined();
  await expect(validateConfiguration({ ...packaging, electronFuse: {} }, logger)).rejects.toThrow(/electronFuse/);
});

it('closes every door that a fuse can close', () => {
  expect(packaging.electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
    loadBrowserProcessSpecificV8Snapshot: false,
  });
});

it('ships what the packaged app looks for, where it looks', () => {
  const programs = demoPrograms({ kind: 'packaged', resources: '/resources' }, 'linux');
  const runtime = packaging.linux.extraResources[0];
  expect(programs.node).toBe(`/resources/${runtime?.to}/node`);
  expect(programs.bundle).toBe(`/resources/${packaging.extraResources[0]?.to}/bulkhead-node.cjs`);
  if (process.platform === 'linux') expect(existsSync(join(projectRoot, runtime?.from.replace('${arch}', process.arch) ?? '', 'node'))).toBe(true);
});

it.each(['x64', 'arm64'] as const)('ships the runtime for hosts with an %s CPU where provisioning looks for it', (cpu) => {
  const shipped = packaging.extraResources.find(({ to }) => to === 'host-runtime');
  expect(shipped).toEqual({ from: 'out/host-runtime', to: 'host-runtime', filter: ['linux-*/node'] });
  expect(hostRuntime({ kind: 'packaged', resources: '/resources' }, cpu)).toBe(join('/resources', 'host-runtime', runtimeFile(cpu)));
  expect(runtimeFolder).toBe(join(projectRoot, 'out/host-runtime'));
});

it('unpacks what must be a real file, and finds its icon', () => {
  for (const pattern of packaging.asarUnpack) {
    const folder = pattern.replace('/**', '').replace('*', `${process.platform}-${process.arch}`);
    expect(existsSync(join(projectRoot, folder)), folder).toBe(true);
  }
  expect(existsSync(join(projectRoot, packaging.directories.buildResources, packaging.linux.icon))).toBe(true);
});
