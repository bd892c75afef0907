import type { Reader } from '../../cluster/ports.ts';
import { projectDistributions, type DistributionRow } from '../../metadata/pypi-files.ts';
import { readFacts } from './facts.ts';
import { distributionAt } from './file-names.ts';
import { projectList, type ProjectFile, type ProjectList } from './project-list.ts';

/** A project's list with the time of its last change. */
export interface LocalProject {
  readonly list: ProjectList;
  readonly modifiedAt: Date;
}

/** The files of a project that are stored here; undefined when there are none. */
export async function readProject(db: Reader, repositoryId: number, project: string): Promise<LocalProject | undefined> {
  const rows = await projectDistributions(db, repositoryId, project);
  const files = rows.flatMap((row) => {
    const distribution = distributionAt(row.path);
    return distribution === null ? [] : [projectFile(row, distribution.fileName)];
  });
  if (files.length === 0) return undefined;
  return { list: projectList(project, files), modifiedAt: new Date(Math.max(...rows.map((row) => row.modifiedAt.getTime()))) };
}

function projectFile({ path, size, sha256, createdAt, facts }: DistributionRow, fileName: string): ProjectFile {
  const { requiresPython, metadata, yanked } = readFacts(facts);
  return {
    fileName, path, size, requiresPython,
    hashes: { sha256 },
    uploadedAt: createdAt.toISOString(),
    yanked: yanked ?? false,
    metadata: metadata === null ? false : { sha256: metadata.sha256 },
  };
}
