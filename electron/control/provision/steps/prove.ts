import { z } from 'zod';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import { databaseFacts } from '../../../contract/index.ts';
import { admitNode, checkDatabase, checkServing } from '../commands/node.ts';
import { lastLog } from '../commands/service.ts';
import type { RemoteCommand } from '../remote-command.ts';
import type { Step, StepContext } from '../step.ts';
import type { NodeTarget } from '../target.ts';
import { refusalOf, type AdminVault } from './first-admin.ts';

/** How long a node may take to join, seconds. */
const joinSeconds = 60;

/** The database from the host, as the service user, with the node's own configuration: before anything is started. */
export function databaseStep({ serviceUid, serviceGid, nodeId }: NodeTarget): Step {
  const look = checkDatabase(serviceUid, serviceGid);
  const admit = admitNode(serviceUid, serviceGid, nodeId);
  return {
    id: 'database', title: 'Sign in to the database from the host',
    probe: [], apply: [], verify: [], undo: [],
    check: async (context) => {
      context.note(signedIn(await succeeded(context, look)));
      // a host that was forgotten and is provisioned again is asked for
      await succeeded(context, admit);
    },
    checkCommands: [look, admit],
  };
}

/** The node answers, is a member, holds a grant, and shares its artifacts with another node. */
export function proofStep(target: NodeTarget, vault: AdminVault): Step {
  const ask = (password: string): RemoteCommand => checkServing(target.serviceUid, target.serviceGid, `admin:${password}`, joinSeconds);
  const check = async (context: StepContext): Promise<void> => {
    try {
      context.note(proven(await succeeded(context, ask(await vault.read() ?? ''))));
    } catch (error) {
      // the node itself knows best why it does not serve
      if (!context.signal.aborted) await context.run(lastLog(20));
      throw error;
    }
  };
  return { id: 'prove', title: 'Prove that the node serves', probe: [], apply: [], verify: [], undo: [], check, checkCommands: [ask('')] };
}

const proof = z.object({ nodeId: z.string(), master: z.string().nullable(), pool: z.number(), through: z.string().nullable() });

/** What the node's own command prints stands in the record as well: this is for whoever reads along. */
function proven(stdout: string): string {
  const { nodeId, master, pool, through } = proof.parse(JSON.parse(lastLine(stdout)));
  const sharing = through === null ? 'what was written through it was read again' : `what was written through ${through} was read through it`;
  return `${nodeId} serves with ${pool} connections${master === null || master === nodeId ? '' : `, ${master} is the master`}; ${sharing}`;
}

function signedIn(stdout: string): string {
  const { serverVersion, granted, budget } = databaseFacts.parse(JSON.parse(lastLine(stdout)));
  return `PostgreSQL ${serverVersion} lets the node in; ${granted} of ${budget} connections are granted so far`;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

async function succeeded(context: StepContext, what: RemoteCommand): Promise<string> {
  const result = await context.run(what);
  if (result.exitCode === 0) return result.stdout;
  const { code, message, hint } = refusalOf(result.stderr);
  throw new BulkheadError('STEP_FAILED', message, { hint, details: { code, exitCode: result.exitCode } });
}
