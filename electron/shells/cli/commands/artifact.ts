import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { BulkheadError, type ArtifactItem } from '../../../contract/index.ts';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { table } from '../table.ts';
import { artifactSearchCommand } from './artifact-search.ts';

/** `bulkhead artifact …`: what is in repositories. */
export function artifactCommand(context: CliContext): Command {
  const { output, signal } = context;
  const artifact = new Command('artifact').description('files in repositories: ls, search, put, get, annotate, rm, restore');
  const where = 'repository, or repository/path';

  artifact.command('ls').description('a folder, or everything that is known of a file').argument('<place>', where).addOption(clusterOption()).action(async (text: string, { cluster }: ClusterChoice) => {
    const item = await (await context.client()).call('artifacts.item', { clusterId: cluster, ...placeOf(text) }, { signal });
    output.result(item, itemText(item));
  });

  artifact.command('put').description('upload a file').argument('<file>').argument('<place>', 'repository/path; a path that ends in "/" keeps the name of the file').addOption(clusterOption()).option('--replace', 'also where there is a file already')
    .action(async (file: string, text: string, { cluster, replace = false }: ClusterChoice & { replace?: boolean }) => {
      const found = await stat(file).catch(() => null);
      if (found?.isFile() !== true) throw new BulkheadError('ARGUMENT_INVALID', `${file} is no file`);
      const place = placeOf(text.endsWith('/') || !text.includes('/') ? `${text.replace(/\/$/, '')}/${basename(file)}` : text);
      const stored = await (await context.transfers()).upload({ clusterId: cluster, ...place }, createReadStream(file, { highWaterMark: 1024 * 1024 }), { size: found.size, replace, caller: 'cli', signal });
      output.result(stored, `${stored.sha256}  ${stored.downloadUri}`);
    });

  artifact.command('get').description('download a file, and check what came').argument('<place>', 'repository/path').argument('[file]', 'where to; "-" writes to standard output').addOption(clusterOption())
    .action(async (text: string, file: string | undefined, { cluster }: ClusterChoice) => {
      const place = { clusterId: cluster, ...placeOf(text) };
      const item = await (await context.client()).call('artifacts.item', place, { signal });
      if (item.kind !== 'file') throw new BulkheadError('PATH_INVALID', `${text} is a folder`);
      const { body } = await (await context.transfers()).download(place, { signal });
      const target = file ?? basename(place.path);
      const sha256 = target === '-' ? await write(body, process.stdout, signal) : await writeFile(body, target, item.checksums.sha256, signal);
      if (sha256 !== item.checksums.sha256) throw new BulkheadError('CHECKSUM_MISMATCH', `${text} has changed while it was fetched`, { details: { expected: item.checksums.sha256, received: sha256 } });
      if (target !== '-') output.result({ file: target, size: item.size, sha256 }, `${sha256}  ${target}`);
    });

  artifact.command('annotate').description('set properties, or take some away').argument('<place>', 'repository/path').argument('[properties...]', 'name=value; a name that comes twice has both values').addOption(clusterOption())
    .option('--remove <names...>', 'properties that go').option('--recursive', 'of a folder: everything in it as well')
    .action(async (text: string, given: string[], { cluster, remove = [], recursive = false }: ClusterChoice & { remove?: string[]; recursive?: boolean }) => {
      const set = valuesByName(given);
      if (Object.keys(set).length + remove.length === 0) throw new BulkheadError('ARGUMENT_INVALID', 'Nothing would change', { hint: 'Say name=value, or --remove NAME.' });
      await (await context.client()).call('artifacts.annotate', { clusterId: cluster, ...placeOf(text), set, remove, recursive }, { signal });
      output.result({ place: text, set, remove, recursive }, `changed the properties of ${text}`);
    });

  artifact.addCommand(artifactSearchCommand(context));

  artifact.command('rm').description('delete a file, or a folder with everything in it').argument('<place>', 'repository/path').addOption(clusterOption()).action(async (text: string, { cluster }: ClusterChoice) => {
    const place = { clusterId: cluster, ...placeOf(text) };
    const client = await context.client();
    const effect = await client.call('artifacts.effect', place, { signal });
    await client.call('artifacts.remove', place, { signal });
    output.result({ ...effect, deleted: text }, `deleted ${effect.files} files, ${effect.bytes} bytes${effect.trash ? `; restore them with: bulkhead artifact restore ${text}` : ''}`);
  });

  artifact.command('restore').description('take it out of the trash can again').argument('<place>', 'repository/path that it was deleted from').addOption(clusterOption()).action(async (text: string, { cluster }: ClusterChoice) => {
    await (await context.client()).call('trash.restore', { clusterId: cluster, ...placeOf(text) }, { signal });
    output.result({ restored: text }, `restored ${text}`);
  });
  return artifact;
}

function placeOf(text: string): { repository: string; path: string } {
  const [repository = '', ...rest] = text.replace(/^\/|\/$/g, '').split('/');
  if (repository === '') throw new BulkheadError('ARGUMENT_INVALID', 'Say repository/path');
  return { repository, path: rest.join('/') };
}

function valuesByName(given: readonly string[]): Record<string, string[]> {
  const pairs = given.map((text) => {
    const [name = '', ...value] = text.split('=');
    if (name === '' || value.length === 0) throw new BulkheadError('ARGUMENT_INVALID', `"${text}": say name=value`);
    return { name, value: value.join('=') };
  });
  return Object.fromEntries(Object.entries(Object.groupBy(pairs, ({ name }) => name)).map(([name, group = []]) => [name, group.map(({ value }) => value)]));
}

/** A file that is there only when all of it is, and right. */
async function writeFile(body: Readable, target: string, expected: string, signal: AbortSignal): Promise<string> {
  const part = `${target}.part`;
  try {
    const sha256 = await write(body, createWriteStream(part), signal);
    if (sha256 === expected) await rename(part, target);
    return sha256;
  } finally {
    await rm(part, { force: true });
  }
}

async function write(body: Readable, target: NodeJS.WritableStream, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const tap = new Transform({ transform: (chunk: Buffer, _encoding, done) => { hash.update(chunk); done(null, chunk); } });
  await pipeline(body, tap, target, { signal, end: target !== process.stdout });
  return hash.digest('hex');
}

function itemText(item: ArtifactItem): string {
  if (item.kind === 'folder') return item.children.length === 0 ? 'nothing in it' : item.children.map(({ name, folder }) => `${name}${folder ? '/' : ''}`).join('\n');
  return table(['', ''], [
    ['size', item.size], ['type', item.mimeType], ['sha256', item.checksums.sha256], ['sha1', item.checksums.sha1], ['md5', item.checksums.md5],
    ['deployed', `${item.created} by ${item.createdBy}`], ['changed', `${item.modified} by ${item.modifiedBy}`], ['address', item.downloadUri],
  ].map(([name = '', value = '']) => [name, String(value)]));
}
