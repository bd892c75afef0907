import { dirname, join, relative, sep } from 'node:path';
import { isBuiltin } from 'node:module';
import type { Rule } from 'eslint';

/** Path below the project's root, with "/" on every platform. */
type ProjectPath = string;

interface Zone {
  /** files of the zone begin with this; the longest one that fits counts */
  readonly folder: string;
  /** what its files may import of this project, besides their own zone */
  readonly mayImport: readonly string[];
  /** packages (and Node's own modules, as "node:*") that its files may not import, with the reason */
  readonly notPackages?: Readonly<Record<string, string>>;
}

/** Who may import whom. Folders that are not listed (scripts, test, bench) hold no product code and may import anything. */
export const zones: readonly Zone[] = [
  {
    folder: 'renderer/',
    mayImport: ['electron/contract/'],
    notPackages: {
      'node:*': 'a screen runs in a browser',
      electron: 'a screen reaches the control room through electron/contract only',
    },
  },
  { folder: 'electron/contract/', mayImport: ['server-bundle/contract/'], notPackages: { 'node:*': 'the contract is shared with screens', electron: 'the contract is shared with screens' } },
  {
    folder: 'electron/control/',
    mayImport: ['electron/contract/', 'server-bundle/contract/'],
    notPackages: { electron: 'the control room is host-independent', fastify: 'the control room serves no HTTP' },
  },
  { folder: 'electron/shells/', mayImport: ['electron/control/', 'electron/contract/'] },
  { folder: 'server-bundle/contract/', mayImport: [], notPackages: { 'node:*': 'the contract is shared with screens' } },
  { folder: 'server-bundle/', mayImport: ['server-bundle/'], notPackages: { electron: 'a node runs on a bare host' } },
];

/** The zone of a file; undefined for what is no product code. */
function zoneOf(path: ProjectPath): Zone | undefined {
  return zones.filter(({ folder }) => path.startsWith(folder)).sort((a, b) => b.folder.length - a.folder.length)[0];
}

/** `electron/control/demo/` of a file below it; undefined for files directly in the control room. */
function capabilityOf(path: ProjectPath): string | undefined {
  return /^electron\/control\/[^/]+\//.exec(path)?.[0];
}

const isTest = (path: ProjectPath): boolean => path.endsWith('.test.ts');

/** Why `from` may not import the file `to`; undefined when it may. */
export function refuseFile(from: ProjectPath, to: ProjectPath): string | undefined {
  const zone = zoneOf(from);
  if (zone === undefined) return undefined;
  if (isTest(from) && to.startsWith('test/harness/')) return undefined;
  const allowed = [zone.folder, ...zone.mayImport].some((folder) => to.startsWith(folder));
  if (!allowed) {
    const others = zone.mayImport.length === 0 ? 'nothing outside itself' : `${zone.mayImport.join(', ')} and itself only`;
    return `${zone.folder} imports ${others}, not ${to}`;
  }
  const capability = capabilityOf(to);
  const insideDoor = capability === undefined || to === `${capability}index.ts` || capability === capabilityOf(from);
  if (!insideDoor && !isTest(from)) return `another part of the control room is used through ${capability}index.ts only`;
  return undefined;
}

/** Why `from` may not import the package or built-in `name`; undefined when it may. */
export function refusePackage(from: ProjectPath, name: string): string | undefined {
  if (isTest(from)) return undefined;
  const refused = zoneOf(from)?.notPackages ?? {};
  if (isBuiltin(name)) return refused['node:*'];
  return refused[name] ?? refused[name.split('/')[0] ?? ''];
}

function check(root: string, filename: string, specifier: string): string | undefined {
  const from = relative(root, filename).split(sep).join('/');
  const plain = specifier.replace(/[?#].*$/, '');
  if (!plain.startsWith('.')) return refusePackage(from, plain);
  return refuseFile(from, relative(root, join(dirname(filename), plain)).split(sep).join('/'));
}

/** The import rules between the folders of this project. */
export const boundaries: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], messages: { refused: '{{reason}}' } },
  create(context) {
    const look = (node: Rule.Node, source: unknown): void => {
      if (typeof source !== 'string') return;
      const reason = check(context.cwd, context.filename, source);
      if (reason !== undefined) context.report({ node, messageId: 'refused', data: { reason } });
    };
    return {
      ImportDeclaration: (node) => { look(node, node.source.value); },
      ExportNamedDeclaration: (node) => { look(node, node.source?.value); },
      ExportAllDeclaration: (node) => { look(node, node.source.value); },
      ImportExpression: (node) => { if (node.source.type === 'Literal') look(node, node.source.value); },
    };
  },
};
