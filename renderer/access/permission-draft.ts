import type { PermissionGrant, PermissionTarget } from '../../electron/contract/index.ts';

/** A permission target's form: patterns are typed as one line. */
export interface TargetDraft {
  name: string;
  repositories: string[];
  includes: string;
  excludes: string;
  grants: PermissionGrant[];
}

export function emptyTarget(): TargetDraft {
  return { name: '', repositories: [], includes: '', excludes: '', grants: [] };
}

export function targetDraft({ name, repositories, includes, excludes, grants }: PermissionTarget): TargetDraft {
  return { name, repositories: [...repositories], includes: includes.join(', '), excludes: excludes.join(', '), grants: grants.map((grant) => ({ ...grant, actions: [...grant.actions] })) };
}

/** `a/**, b/**` → each pattern by itself. */
export function patternsOf(text: string): string[] {
  return text.split(',').map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
}

/** What is wrong with it, by field. @param taken names that are in use */
export function targetProblems({ name, repositories }: TargetDraft, taken: readonly string[]): Partial<Record<'name' | 'repositories', string>> {
  const wanted = name.trim();
  const problem = wanted === '' ? 'A name is needed'
    : /[/\\:|?<>*"]/.test(wanted) || wanted.length > 128 ? 'At most 128 characters without / \\ : | ? < > * "'
      : taken.includes(wanted) ? 'There is a permission target with this name' : null;
  return { ...(problem === null ? {} : { name: problem }), ...(repositories.length === 0 ? { repositories: 'Choose at least one' } : {}) };
}
