import { BulkheadError } from '../../contract/index.ts';
import type { ComputedContent, DocumentPart, FormatRepository } from '../format.ts';
import { documentAt } from './paths.ts';
import { projectList, type ProjectList } from './project-list.ts';
import { projectContent, projectsContent } from './written-lists.ts';

/** The list of projects of a virtual repository without members; a project's own list needs a member that has it. */
export function emptyDocument(path: string): ComputedContent | undefined {
  const document = documentAt(path);
  return document?.kind === 'projects' ? projectsContent([], document.spelling, new Date(0)) : undefined;
}

/** One list of those of a virtual repository's members; of files with one name the first member's counts. Other documents come from the first. */
export function mergeDocuments(_repository: FormatRepository, path: string, parts: readonly DocumentPart[]): ComputedContent {
  const [first] = parts;
  if (first === undefined) throw new BulkheadError('INTERNAL');
  const document = documentAt(path);
  const modifiedAt = new Date(Math.max(...parts.map(({ content }) => content.modifiedAt.getTime())));
  if (document?.kind === 'projects') {
    const names = parts.flatMap(({ content }) => content.value as readonly string[]);
    return projectsContent([...new Set(names)].sort(), document.spelling, modifiedAt);
  }
  if (document?.kind !== 'project') return first.content;
  const files = parts.flatMap(({ content }) => (content.value as ProjectList).files);
  return projectContent(projectList(document.project, files), document.spelling, modifiedAt);
}
