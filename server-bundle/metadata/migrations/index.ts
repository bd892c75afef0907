import type { QueryExecutorProvider } from 'kysely';
import { up as initial } from './0001-initial.ts';
import { up as upgrades } from './0003-upgrades.ts';
import { up as artifactFacts } from './0004-artifact-facts.ts';
import { up as artifactProperties } from './0005-artifact-properties.ts';
import { up as access } from './0007-access.ts';
import { up as search } from './0008-search.ts';
import { up as builds } from './0011-builds.ts';
import { up as alerts } from './0002-alerts.ts';
import { up as oci } from './0006-oci.ts';
import { up as upstream } from './0009-upstream.ts';
import { up as deployFile } from './0012-deploy-file.ts';
import { up as downloads } from './0013-downloads.ts';
import { up as deployFiles } from './0014-deploy-files.ts';
import { up as npm } from './0010-npm.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  /**
   * The oldest migration that a bundle must know to serve the schema after this one. Migrations only expand, so this is
   * what the previous minor version ended with, hardly ever the migration's own number.
   */
  readonly servesFrom: number;
  readonly up: (db: QueryExecutorProvider) => Promise<void>;
}

/** All migrations, in order. An entry never changes once it was released. */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'initial', servesFrom: 1, up: initial },
  { number: 2, name: 'alerts', servesFrom: 1, up: alerts },
  { number: 3, name: 'upgrades', servesFrom: 1, up: upgrades },
  { number: 4, name: 'artifact-facts', servesFrom: 1, up: artifactFacts },
  { number: 5, name: 'artifact-properties', servesFrom: 1, up: artifactProperties },
  { number: 6, name: 'oci', servesFrom: 1, up: oci },
  { number: 7, name: 'access', servesFrom: 1, up: access },
  { number: 8, name: 'search', servesFrom: 1, up: search },
  { number: 9, name: 'upstream', servesFrom: 1, up: upstream },
  { number: 10, name: 'npm', servesFrom: 1, up: npm },
  { number: 11, name: 'builds', servesFrom: 1, up: builds },
  { number: 12, name: 'deploy-file', servesFrom: 1, up: deployFile },
  { number: 13, name: 'downloads', servesFrom: 1, up: downloads },
  { number: 14, name: 'deploy-files', servesFrom: 1, up: deployFiles },
];
