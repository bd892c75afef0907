import { Command, Option } from 'commander';
import { BulkheadError, type SearchQuestion } from '../../../contract/index.ts';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { table } from '../table.ts';

interface SearchOptions extends ClusterChoice {
  readonly by?: SearchQuestion['by'];
  readonly repo?: string;
}

/** `bulkhead artifact search WORDS`: in all repositories, or in one. */
export function artifactSearchCommand(context: CliContext): Command {
  const { output, signal } = context;
  return new Command('search').description('find artifacts by name, path, checksum, property or Maven coordinates')
    .argument('<words...>', 'core-*.jar, a checksum, name=value …, or group:artifact:version').addOption(clusterOption())
    .addOption(new Option('--by <kind>', 'what the words are; told from how they look when left out').choices(['name', 'path', 'checksum', 'property', 'coordinates'])).option('--repo <key>', 'only in this repository')
    .action(async (words: string[], { cluster, by, repo }: SearchOptions) => {
      const findings = await (await context.client()).call('artifacts.search', { clusterId: cluster, question: questionOf(words, by ?? looksLike(words)), ...(repo === undefined ? {} : { repository: repo }) }, { signal });
      const lines = findings.found.length === 0 ? 'nothing is found' : table(['artifact', 'bytes', 'changed'], findings.found.map(({ repository, path, size, modified }) => [`${repository}/${path}`, size, modified]));
      output.result(findings, findings.truncated ? `${lines}\n(there is more: narrow it down)` : lines);
    });
}

function looksLike([first = '']: readonly string[]): SearchQuestion['by'] {
  if (/^[0-9a-f]+$/i.test(first) && [32, 40, 64].includes(first.length)) return 'checksum';
  if (first.includes('=')) return 'property';
  if (first.includes('/')) return 'path';
  return first.includes(':') ? 'coordinates' : 'name';
}

function questionOf(words: readonly string[], by: SearchQuestion['by']): SearchQuestion {
  const [first = '', ...more] = words;
  if (by !== 'property' && more.length > 0) throw new BulkheadError('ARGUMENT_INVALID', 'One word is looked for; several can be properties only', { hint: 'Say name=value for each property.' });
  switch (by) {
    case 'name': return { by, name: first };
    case 'path': return { by, pattern: first.replace(/^\/+/, '') };
    case 'checksum': return { by, checksum: first };
    case 'property': return { by, properties: Object.fromEntries(words.map((word) => [word.split('=')[0] ?? '', word.split('=').slice(1).join('=')])) };
    case 'coordinates': {
      const [group, artifact, version, classifier] = first.split(':');
      return { by, ...Object.fromEntries(Object.entries({ group, artifact, version, classifier }).filter(([, part]) => part !== undefined && part !== '')) };
    }
  }
}
