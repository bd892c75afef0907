import { relative, sep } from 'node:path';
import type { Rule } from 'eslint';

interface DangerousImport {
  readonly module: string;
  /** names it is about; everything of the module when left out */
  readonly names?: readonly string[];
  /** the only files and folders that may import it */
  readonly allowed: readonly string[];
  readonly reason: string;
  /** types do no harm: only imports of values count */
  readonly valuesOnly?: boolean;
}

/** What holds a danger or a decision that belongs to one place. Tests, scripts and benchmarks are no product code. */
export const dangerousImports: readonly DangerousImport[] = [
  {
    module: 'kysely',
    names: ['sql', 'Kysely', 'PostgresDialect'],
    allowed: ['server-bundle/metadata/'],
    reason: 'only server-bundle/metadata knows SQL',
    valuesOnly: true,
  },
  { module: 'pg', allowed: ['server-bundle/metadata/', 'electron/control/demo/'], reason: 'only server-bundle/metadata talks to the database', valuesOnly: true },
  {
    module: 'node:child_process',
    allowed: ['electron/control/demo/process/', 'electron/shells/open-browser.ts', 'server-bundle/node/workers/worker-process.ts'],
    reason: 'processes are started in one place, which records them',
  },
  {
    module: 'node:crypto',
    names: ['timingSafeEqual'],
    allowed: ['server-bundle/security/', 'electron/shells/console/'],
    reason: 'secrets are compared in one place, in constant time',
  },
  { module: 'node:vm', allowed: ['server-bundle/garbage-collector.ts'], reason: 'no code is made at run time; the one place asks V8 for its collector, with a fixed text' },
];

const product = ['server-bundle/', 'electron/', 'renderer/'];

/** Why `file` may not import `name` of `module`; undefined when it may. */
export function refuseImport(file: string, module: string, name: string, isType: boolean): string | undefined {
  if (!product.some((folder) => file.startsWith(folder)) || file.endsWith('.test.ts')) return undefined;
  const plain = module.startsWith('node:') || !['child_process', 'crypto', 'vm'].includes(module) ? module : `node:${module}`;
  const entry = dangerousImports.find((each) => each.module === plain && (each.names?.includes(name) ?? true));
  if (entry === undefined || (entry.valuesOnly === true && isType)) return undefined;
  if (entry.allowed.some((place) => file.startsWith(place))) return undefined;
  const where = entry.allowed.length === 0 ? 'nowhere' : entry.allowed.join(' or ');
  return `${entry.reason}: ${name} of ${module} is imported ${where === 'nowhere' ? where : `in ${where} only`}`;
}

/** Dangerous modules only in their one wrapper. */
export const onlyIn: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], messages: { refused: '{{reason}}' } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');
    return {
      ImportDeclaration(node) {
        const wholeIsType = 'importKind' in node && node.importKind === 'type';
        for (const specifier of node.specifiers) {
          const isType = wholeIsType || ('importKind' in specifier && specifier.importKind === 'type');
          const name = specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier' ? specifier.imported.name : '*';
          const reason = refuseImport(file, String(node.source.value), name, isType);
          if (reason !== undefined) context.report({ node: specifier, messageId: 'refused', data: { reason } });
        }
      },
    };
  },
};
