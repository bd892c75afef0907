import { readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { migrations } from '../../server-bundle/metadata/migrations/index.ts';
import { buildNode } from '../../scripts/build-node.ts';

/** Number of the migration that the next version brings. */
export const nextMigration = (migrations.at(-1)?.number ?? 0) + 1;

/** What the next version writes into its log when another one of it has greeted it over the mesh. */
export const greeted = 'greeted over the mesh';

interface NextOptions {
  readonly version: string;
  /** the least migration that a bundle has to know after this one; that of the first version when left out */
  readonly servesFrom?: number;
  /** it ends with this status as soon as it is to serve */
  readonly endsWith?: number;
}

type Addition = readonly [string, string];

/**
 * The node of these sources as a later version: one more migration that only expands, one more field in the mesh's hello, and a kind of
 * message that the version before does not know, sent to members that say they do. An addition that does not fit the sources any more
 * fails the build.
 */
export async function buildNextVersion(outfile: string, { version, servesFrom = 1, endsWith }: NextOptions): Promise<void> {
  await buildNode(outfile, { version, plugins: [addedTo({
    'metadata/migrations/index.ts': [
      ['\n];', `\n  { number: ${nextMigration}, name: 'next', servesFrom: ${servesFrom}, up: async (db) => { await sql\`create table next_version (since timestamptz not null default clock_timestamp())\`.execute(db); await sql\`alter table repository add column next_note text not null default ''\`.execute(db); } },\n];`],
      ["from 'kysely';", "from 'kysely';\nimport { sql } from 'kysely';"],
    ],
    'cluster/mesh/messages.ts': [
      ["z.object({ t: z.literal('look') }),", "z.object({ t: z.literal('look') }),\n  z.object({ t: z.literal('next-greeting'), text: z.string() }),"],
      ['= laterKinds.map(kindFeature);', "= [...laterKinds.map(kindFeature), 'next-greeting'];"],
    ],
    'cluster/mesh/link.ts': [
      ['nonce: newNonce(), to, ', "nonce: newNonce(), to, nextNote: 'a field of a later version', "],
    ],
    'cluster/session.ts': [
      ['    this.mesh.listen({ message: (_peer, message) => {', `    this.mesh.listen({
      // to everybody, so that the version before has to skip it as well
      opened: (peer) => { this.mesh.send(peer.incarnation, { t: 'next-greeting', text: this.nodeId } as never); },
      message: (_peer, message) => { if ((message as { t: string }).t === 'next-greeting') log.info({ by: (message as unknown as { text: string }).text }, '${greeted}'); },
    });
    this.mesh.listen({ message: (_peer, message) => {`],
    ],
    ...(endsWith === undefined ? {} : {
      'commands/serve.ts': [['  const config = await loadNodeConfig(configFile);', `  const config = await loadNodeConfig(configFile);\n  console.error('this version does not come up'); process.exit(${endsWith});`]] satisfies Addition[],
    }),
  })] });
}

function addedTo(additions: Readonly<Record<string, readonly Addition[]>>): Plugin {
  return {
    name: 'next-version',
    setup: (build) => {
      const left = new Set(Object.keys(additions));
      build.onLoad({ filter: /server-bundle.*\.ts$/ }, async ({ path }) => {
        const name = path.split(sep).join('/').replace(/^.*\/server-bundle\//, '');
        const wanted = additions[name];
        if (wanted === undefined) return undefined;
        left.delete(name);
        let contents = await readFile(path, 'utf8');
        for (const [place, put] of wanted) {
          if (contents.split(place).length !== 2) throw new Error(`${name} has not exactly one place "${place}"`);
          contents = contents.replace(place, () => put);
        }
        return { contents, loader: 'ts' };
      });
      build.onEnd(() => {
        if (left.size > 0) throw new Error(`not part of the bundle any more: ${[...left].join(', ')}`);
      });
    },
  };
}
