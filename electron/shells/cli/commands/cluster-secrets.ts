import { rm, writeFile } from 'node:fs/promises';
import { Argument, type Command } from 'commander';
import { BulkheadError, type SecretState } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { localPath } from '../host-sign-in.ts';
import { textOf } from '../local-files.ts';
import { secretFrom } from '../secret-input.ts';
import { table } from '../table.ts';

/** `bulkhead cluster secrets|rotate|copy-key|restore-key`. */
export function addSecretCommands(cluster: Command, context: CliContext): void {
  const { output, signal } = context;

  cluster.command('secrets').description('what can be replaced, what was left half done, and how old the copy of the key is; shows no secret')
    .argument('<name>')
    .action(async (clusterId: string) => {
      const found = await (await context.client()).call('clusters.secrets', { clusterId }, { signal });
      const { keyCopy } = found;
      const copy = keyCopy === null ? 'no copy of the key was made here: bulkhead cluster copy-key' : `copy of the key: ${new Date(keyCopy.savedAt).toISOString()}${keyCopy.isPresent ? '' : ', of a key that was replaced since'}`;
      output.result(found, `${table(['secret', 'state', 'replaced', 'note'], found.secrets.map((each) => [each.what, each.state, each.replacedAt === null ? null : new Date(each.replacedAt).toISOString(), noteOf(each)]))}\n${copy}`);
    });

  cluster.command('rotate').description('replace a secret on every node while all of them serve; run it again to finish what was interrupted')
    .argument('<name>')
    .addArgument(new Argument('<what>').choices(['cluster-key', 'database-password']))
    .action(async (clusterId: string, what: 'cluster-key' | 'database-password') => {
      const client = await context.client();
      const stop = client.subscribe('clusters.rotation', {}, {
        item: ({ phase, phases, title, nodeId }) => { output.progress(`${phase}/${phases} ${title}${nodeId === null ? '' : `: ${nodeId}`}`); },
      });
      try {
        const rotated = await client.call('clusters.rotate', { clusterId, what }, { signal });
        output.result(rotated, `replaced on ${rotated.nodes.join(', ')}`);
      } finally {
        stop();
      }
    });

  cluster.command('copy-key').description('write a copy of the cluster key to a file, encrypted under a passphrase')
    .argument('<name>')
    .requiredOption('--passphrase-file <file>', 'file that holds the passphrase, at least 12 characters; "-" reads standard input')
    .requiredOption('--out <file>', 'a file that is not there yet')
    .action(async (clusterId: string, options: { passphraseFile: string; out: string }) => {
      const passphrase = await secretFrom(options.passphraseFile) ?? '';
      const file = localPath(options.out);
      // made first: a copy that could not be kept must not count as one
      await writeFile(file, '', { mode: 0o600, flag: 'wx' }).catch((error: unknown) => { throw new BulkheadError('ARGUMENT_INVALID', `${file} cannot be made, or is there already`, { cause: error }); });
      try {
        const { text } = await (await context.client()).call('clusters.copyKey', { clusterId, passphrase }, { signal });
        await writeFile(file, text);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
      output.result({ file }, `written to ${file}; it opens with the passphrase only: keep both, apart from each other`);
    });

  cluster.command('restore-key').description('give a cluster that has no nodes yet the key of such a copy, before its hosts are provisioned anew')
    .argument('<name>')
    .argument('<file>')
    .requiredOption('--passphrase-file <file>', 'file that holds the passphrase; "-" reads standard input')
    .action(async (clusterId: string, file: string, options: { passphraseFile: string }) => {
      const passphrase = await secretFrom(options.passphraseFile) ?? '';
      const text = await textOf(localPath(file));
      const restored = await (await context.client()).call('clusters.restoreKey', { clusterId, text, passphrase }, { signal });
      output.result(restored, `restored; next: bulkhead node provision --cluster ${restored.settings.name} HOST …`);
    });
}

function noteOf({ state, progress, problem }: SecretState): string | null {
  const at = progress === null ? '' : ` at phase ${progress.phase} of ${progress.phases}: ${progress.title}`;
  if (state === 'interrupted') return `old and new are valid; rotate again to finish it${at}`;
  return state === 'under-way' ? at.trim() : problem?.message ?? null;
}
