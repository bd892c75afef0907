import type { Command } from 'commander';
import { BulkheadError, type ImportResult } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { localPath } from '../host-sign-in.ts';
import { fleetText, importText, previewText } from '../host-text.ts';
import { textOf, writeText } from '../local-files.ts';

/** Hosts from ssh_config, and hosts as a file. */
export function addTransferCommands(host: Command, context: CliContext): void {
  const { output, signal } = context;
  const tell = (result: ImportResult): void => {
    if (result.refused.length > 0) context.outcome.exitCode = exitCodes.refused;
    output.result(result, importText(result));
  };

  host.command('import-ssh-config').description('add hosts of ssh_config; without an alias it shows what there is, and what is not honoured')
    .argument('[alias...]', 'names in its Host lines')
    .option('--file <file>', 'another file than ~/.ssh/config')
    .option('--all', 'every host that is new')
    .action(async (aliases: string[], options: { file?: string; all?: boolean }) => {
      const client = await context.client();
      const source = options.file === undefined ? {} : { path: localPath(options.file) };
      if (aliases.length > 0) return tell(await client.call('hosts.import', { ...source, aliases }, { signal }));
      const preview = await client.call('hosts.importPreview', source, { signal });
      if (options.all !== true) return output.result(preview, previewText(preview));
      const fresh = preview.hosts.filter(({ state }) => state === 'new').map(({ alias }) => alias);
      tell(fresh.length === 0 ? { added: [], changed: [], refused: [] } : await client.call('hosts.import', { ...source, aliases: fresh }, { signal }));
    });

  host.command('export').description('hosts as a file, without secrets')
    .argument('[host...]', 'all of them when none is named')
    .option('--out <file>', 'write it there; to standard output when left out')
    .action(async (hostIds: string[], options: { out?: string }) => {
      const fleet = await (await context.client()).call('hosts.exportFleet', hostIds.length === 0 ? {} : { hostIds }, { signal });
      const text = JSON.stringify(fleet, null, 2);
      if (options.out === undefined) return output.result(fleet, text);
      await writeText(options.out, `${text}\n`);
      output.result(fleet, `wrote ${fleet.hosts.length} hosts to ${options.out}`);
    });

  host.command('import').description('hosts of a file that "host export" has made; those that are known stay as they are without --replace')
    .argument('<file>')
    .argument('[name...]', 'all of them when none is named')
    .option('--replace', 'change those that are known and differ')
    .option('--plan', 'show what is new, changed or in conflict, and do nothing')
    .action(async (file: string, names: string[], options: { replace?: boolean; plan?: boolean }) => {
      const client = await context.client();
      const text = await textOf(file);
      const preview = await client.call('hosts.importFleetPreview', { text }, { signal });
      const unknown = names.find((name) => !preview.hosts.some((each) => each.name === name));
      if (unknown !== undefined) throw new BulkheadError('ARGUMENT_INVALID', `The file has no host "${unknown}"`);
      const asked = preview.hosts.filter(({ name }) => names.length === 0 || names.includes(name));
      const left = asked.filter(({ state }) => state === 'conflict' || (state === 'changed' && options.replace !== true));
      if (left.length > 0) context.outcome.exitCode = exitCodes.refused;
      if (options.plan === true) return output.result({ hosts: asked }, fleetText({ hosts: asked }));
      const taken = asked.filter((each) => each.state !== 'same' && !left.includes(each)).map(({ name }) => name);
      const result = taken.length === 0 ? { added: [], changed: [], refused: [] } : await client.call('hosts.importFleet', { text, names: taken }, { signal });
      const refused = left.map(({ name, state, problem }) => (state === 'conflict' ? { name, code: 'ARGUMENT_INVALID', message: problem ?? '' } : { name, code: 'HOST_EXISTS', message: 'it differs from the file: say --replace' }));
      tell({ ...result, refused: [...refused, ...result.refused] });
    });
}
