import { z } from 'zod';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import { initAdmin } from '../commands/node.ts';
import type { Step, StepContext } from '../step.ts';
import type { NodeTarget } from '../target.ts';

/** Where the app keeps the administrator's password of one cluster. */
export interface AdminVault {
  read(): Promise<string | undefined>;
  /** One to create the administrator with: kept from now on, and the same until `write`, so that nobody is created whose password is lost with this program. */
  prepare(): Promise<string>;
  write(password: string): Promise<void>;
  /** runs of several nodes ask at once: one after the other */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });

/** The cluster's first administrator; the app keeps the password, encrypted, because it has to prove every node. */
export function firstAdminStep({ serviceUid, serviceGid }: NodeTarget, vault: AdminVault): Step {
  const check = (context: StepContext): Promise<void> => vault.exclusively(async () => {
    if (await vault.read() !== undefined) return;
    context.signal.throwIfAborted();
    const password = await vault.prepare();
    const result = await context.runToEnd(initAdmin(serviceUid, serviceGid, password));
    if (result.exitCode === 0) {
      await vault.write(password);
      context.note('created the administrator "admin"; the password is kept encrypted; Secrets, or "bulkhead cluster new-password NAME", gives you one to sign in with');
      return;
    }
    const { code, message } = refusalOf(result.stderr);
    if (code !== 'ADMIN_EXISTS') throw new BulkheadError('STEP_FAILED', message, { details: { exitCode: result.exitCode } });
    throw new BulkheadError('CREDENTIALS_INVALID', 'The cluster has an administrator whose password this app does not know', {
      hint: 'Store it with "bulkhead cluster password NAME", then resume the run. Where nobody knows it: "bulkhead cluster adopt HOST --reset-admin" sets a new one from this host.',
    });
  });
  return { id: 'first-admin', title: 'Create the first administrator', probe: [], apply: [], verify: [], undo: [], check, checkCommands: [initAdmin(serviceUid, serviceGid, '')] };
}

/** The error that a node's command prints with `--json`. */
export function refusalOf(stderr: string): z.infer<typeof refusal>['error'] {
  for (const line of stderr.trim().split('\n').reverse()) {
    try {
      return refusal.parse(JSON.parse(line)).error;
    } catch {
      // a line of something else
    }
  }
  return { code: 'INTERNAL', message: stderr.trim().split('\n').at(-1) || 'The command failed and said nothing', hint: 'Look at the journal of the node.' };
}
