import type { ComputedContent } from '../format.ts';
import type { Spelling } from './paths.ts';
import type { ProjectList } from './project-list.ts';
import { projectHtml, projectsHtml } from './simple-html.ts';
import { projectJson, projectsJson } from './simple-json.ts';

/** A project's list in one of its spellings; the list itself goes along, for those who merge. */
export function projectContent(list: ProjectList, spelling: Spelling, modifiedAt: Date): ComputedContent {
  return { bytes: Buffer.from(spelling === 'json' ? projectJson(list) : projectHtml(list)), modifiedAt, value: list };
}

/** A repository's list of projects in one of its spellings. */
export function projectsContent(names: readonly string[], spelling: Spelling, modifiedAt: Date): ComputedContent {
  return { bytes: Buffer.from(spelling === 'json' ? projectsJson(names) : projectsHtml(names)), modifiedAt, value: names };
}
