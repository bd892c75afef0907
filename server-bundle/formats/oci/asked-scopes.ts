import type { Action } from '../../security/principal.ts';
import { isName } from './names.ts';
import { tagFile } from './paths.ts';

/** One part of what a token shall be good for. */
export interface AskedPart {
  readonly repository: string;
  /** Ant style */
  readonly pattern: string;
  readonly actions: readonly Action[];
}

/** Of a token that is good for nothing but to show who it is. No repository has such a key. */
export const loginOnly: AskedPart = { repository: '_', pattern: '-', actions: ['read'] };

/** No client asks for more names at once than a mount with its sources. */
const maxScopes = 50;

/**
 * What clients ask a token for: `repository:<name>:<action>,…`, several of them separated by spaces or as several parameters, and
 * `registry:catalog:*` (Docker's "Token Scope Documentation"). What is not understood is left out, as the answer may grant less than was asked.
 *
 * @param repositoryKey of the address; null below `/v2/`, where names begin with it
 * @param registries keys of all repositories that a catalog lists
 */
export function askedParts(scopes: readonly string[], repositoryKey: string | null, registries: readonly string[]): AskedPart[] {
  const elements = scopes.flatMap((scope) => scope.split(' ')).filter((element) => element !== '').slice(0, maxScopes);
  return elements.flatMap((element): AskedPart[] => {
    if (element === 'registry:catalog:*') {
      return registries.filter((key) => repositoryKey === null || key === repositoryKey).map((repository) => ({ repository, pattern: '**', actions: ['read'] }));
    }
    const match = /^repository(?:\([a-z0-9]+\))?:([^:]+):([a-z*,]+)$/.exec(element);
    const [, full = '', actions = ''] = match ?? [];
    const slash = full.indexOf('/');
    const repository = repositoryKey ?? full.slice(0, Math.max(0, slash));
    const name = repositoryKey === null ? full.slice(slash + 1) : full;
    return repository === '' || !isName(name) ? [] : partsOf(repository, name, actions.split(','));
  });
}

/** Pushing moves tags, which replaces what they pointed at; everything else is deleted by those only who ask for it. */
function partsOf(repository: string, name: string, actions: readonly string[]): AskedPart[] {
  const all = actions.includes('*');
  const granted = new Set<Action>();
  if (all || actions.includes('pull')) granted.add('read');
  if (all || actions.includes('push')) granted.add('read').add('deploy');
  if (all || actions.includes('delete')) granted.add('read').add('delete');
  const parts: AskedPart[] = granted.size === 0 ? [] : [{ repository, pattern: `${name}/**`, actions: [...granted] }];
  if (granted.has('deploy') && !granted.has('delete')) parts.push({ repository, pattern: `${name}/*/${tagFile}`, actions: ['delete'] });
  return parts;
}
