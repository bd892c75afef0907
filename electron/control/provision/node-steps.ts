import { preflightStep } from './preflight-step.ts';
import type { Step } from './step.ts';
import { firstAdminStep, type AdminVault } from './steps/first-admin.ts';
import { installSteps } from './steps/install.ts';
import { databaseStep, proofStep } from './steps/prove.ts';
import { removalSteps } from './steps/removal.ts';
import { serviceSteps } from './steps/service.ts';
import { alone, type Surroundings } from './surroundings.ts';
import type { NodeSecrets, NodeTarget } from './target.ts';

export type RunKind = 'provision' | 'remove';

/** Everything between the lock and its release, in order. @param lookAround connects to what the checks ask; a plan never does */
export function stepsOf(kind: RunKind, target: NodeTarget, secrets: NodeSecrets, vault: AdminVault, runId: string, lookAround: () => Promise<Surroundings> = nobody): Step[] {
  if (kind === 'remove') return removalSteps(target);
  return [
    preflightStep(target, lookAround),
    ...installSteps(target, secrets, runId),
    databaseStep(target),
    ...serviceSteps(target, runId),
    firstAdminStep(target, vault),
    proofStep(target, vault),
  ];
}

function nobody(): Promise<Surroundings> {
  return Promise.resolve({ ...alone, close: () => Promise.resolve() });
}
