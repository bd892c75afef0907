import { dirname } from 'node:path';
import { createControlRoom, defaultDemoFolder, type ControlRoom, type SecretBox } from '../control/index.ts';
import { demoPrograms, hostRuntime, programVersion, type Installation } from './installation.ts';

export interface ShellRequest {
  readonly shell: 'desktop' | 'console' | 'cli';
  readonly installation: Installation;
  /** what the shell protects stored secrets with; null for the control room's own key file */
  readonly secretBox: SecretBox | null;
}

/** Opens the control room of this installation. All shells of one user share one state. */
export function openControlRoom({ shell, installation, secretBox }: ShellRequest): Promise<ControlRoom> {
  const { node, bundle } = demoPrograms(installation, process.platform);
  return createControlRoom({
    shell,
    version: programVersion(installation),
    stateDir: stateFolder(),
    nodeRuntimePath: node,
    nodeBundlePath: bundle,
    hostRuntimePath: hostRuntime(installation, 'x64'),
    hostRuntimeArmPath: hostRuntime(installation, 'arm64'),
    ...(secretBox === null ? {} : { secretBox }),
  });
}

/** The app's folder for this user, by the rules of the platform; the demo's default folder lies inside it. */
export function stateFolder(): string {
  return dirname(defaultDemoFolder());
}
