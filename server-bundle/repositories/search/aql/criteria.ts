import type { SearchCondition } from '../../../metadata/search/conditions.ts';
import {
  allOf, anyOf, comparing, comparingFileName, comparingProperty, inRepositories, ofType, type Comparison, type ItemField,
} from '../../../metadata/search/item-conditions.ts';
import { matchesPath, pathPattern } from '../../../security/permissions/path-pattern.ts';
import { comparedMoment, comparedNumber, comparisonOf, oneOf } from './operands.ts';
import { notUnderstood } from './parse-query.ts';
import { comparingStat, whetherDownloaded } from './stat-criteria.ts';

/** Repositories that a criterion about `repo` can mean; a virtual one stands for its members. */
export interface SearchedRepositories {
  /** ids of those that are taken, or that are members of a virtual one which is. @param takes told all keys that a repository goes by */
  readonly idsOf: (takes: (keys: readonly string[]) => boolean) => readonly number[];
}

const texts: Readonly<Record<string, ItemField>> = {
  path: 'path', name: 'name', created_by: 'created_by', modified_by: 'modified_by', actual_md5: 'actual_md5', actual_sha1: 'actual_sha1', sha256: 'sha256',
};
const numbers: Readonly<Record<string, ItemField>> = { size: 'size', depth: 'depth' };
const times: Readonly<Record<string, ItemField>> = { created: 'created', modified: 'modified', updated: 'modified' };
const deepest = 20;
const most = 1000;

/** What has to hold of items; files only, unless the criteria say something about the type. @throws PARAMETER_INVALID */
export function conditionOf(criteria: Readonly<Record<string, unknown>>, repositories: SearchedRepositories): SearchCondition {
  const filesOnly = !namesType(criteria, 0);
  const condition = new Compiler(repositories, filesOnly).all(criteria, 0);
  return filesOnly ? allOf([ofType('file'), condition]) : condition;
}

function namesType(value: unknown, depth: number): boolean {
  if (depth > deepest * 2 || typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => name === 'type' || namesType(inner, depth + 1));
}

class Compiler {
  readonly #repositories: SearchedRepositories;
  readonly #filesOnly: boolean;
  #count = 0;

  constructor(repositories: SearchedRepositories, filesOnly: boolean) {
    this.#repositories = repositories;
    this.#filesOnly = filesOnly;
  }

  all(criteria: unknown, depth: number): SearchCondition {
    if (depth > deepest) throw notUnderstood('criteria are nested too deeply');
    if (typeof criteria !== 'object' || criteria === null || Array.isArray(criteria)) throw notUnderstood('criteria are objects');
    return allOf(Object.entries(criteria).map(([name, value]) => this.#one(name, value, depth)));
  }

  #one(name: string, value: unknown, depth: number): SearchCondition {
    this.#count += 1;
    if (this.#count > most) throw notUnderstood(`there are more than ${String(most)} criteria`);
    if (name === '$and' || name === '$or') {
      if (!Array.isArray(value)) throw notUnderstood(`${name} takes a list`);
      const each = value.map((inner) => this.all(inner, depth + 1));
      return name === '$and' ? allOf(each) : anyOf(each);
    }
    if (name.startsWith('$')) throw notUnderstood(`${name.slice(0, 40)} is not offered`);
    if (typeof value !== 'object' || value === null) return this.#compared(name, 'eq', value);
    if (Array.isArray(value)) throw notUnderstood(`${name.slice(0, 100)} is compared with a list`);
    return allOf(Object.entries(value).map(([operator, operand]) => this.#compared(name, operator.replace(/^\$/, ''), operand)));
  }

  #compared(name: string, operator: string, operand: unknown): SearchCondition {
    const field = name.replace(/^item\./, '');
    if (operand === null && field.startsWith('stat.')) return whetherDownloaded(field, operator);
    if (typeof operand !== 'string' && typeof operand !== 'number') throw notUnderstood(`${name.slice(0, 100)} is compared with a text or a number`);
    const text = String(operand);
    if (text.includes('\u0000') || !text.isWellFormed()) throw notUnderstood(`${name.slice(0, 100)} is compared with characters that are not allowed`);
    if (Object.hasOwn(times, field)) {
      const { comparison, moment } = comparedMoment(field, operator, text);
      return comparing(times[field] ?? 'created', comparison, moment);
    }
    if (field.startsWith('stat.')) return comparingStat(field, operator, text);
    const comparison = comparisonOf(operator, name);
    if (field.startsWith('@')) return this.#property(field.slice(1), comparison, text);
    if (field === 'property.key') return comparingProperty({ comparison: oneOf(['eq', 'match'], comparison, name), value: text }, null);
    if (field === 'property.value') return comparingProperty(null, { comparison: oneOf(['eq', 'match'], comparison, name), value: text });
    if (field === 'repo') return inRepositories(this.#repositories.idsOf(takesKey(oneOf(['eq', 'ne', 'match', 'nmatch'], comparison, name), text)));
    if (field === 'type') return this.#type(comparison, text);
    if (Object.hasOwn(numbers, field)) {
      const number = comparedNumber(field, comparison, text);
      return comparing(numbers[field] ?? 'size', number.comparison, number.value);
    }
    const known = Object.hasOwn(texts, field) ? texts[field] : undefined;
    if (known === undefined) throw notUnderstood(`there is no field ${name.slice(0, 100)}`);
    if (known === 'name' && this.#filesOnly && (comparison === 'eq' || comparison === 'match')) return comparingFileName(comparison, text);
    return comparing(known, comparison, text);
  }

  #property(name: string, comparison: Comparison, text: string): SearchCondition {
    if (name === '') throw notUnderstood('a property has no name');
    return comparingProperty(name === '*' ? null : { comparison: 'eq', value: name }, comparison === 'match' && text === '*' ? null : { comparison, value: text });
  }

  #type(comparison: Comparison, text: string): SearchCondition {
    if (comparison !== 'eq' || (text !== 'file' && text !== 'folder' && text !== 'any')) throw notUnderstood('type is file, folder or any');
    return ofType(text);
  }
}

function takesKey(comparison: 'eq' | 'ne' | 'match' | 'nmatch', text: string): (keys: readonly string[]) => boolean {
  if (comparison === 'eq') return (keys) => keys.includes(text);
  if (comparison === 'ne') return (keys) => !keys.includes(text);
  // keys hold no slash, and the matcher's time is bounded whatever somebody writes
  if (text.includes('/')) return () => comparison === 'nmatch';
  const pattern = pathPattern(text.replace(/\*+/g, '*'));
  const matches = (keys: readonly string[]): boolean => keys.some((key) => matchesPath(pattern, key));
  return comparison === 'match' ? matches : (keys) => !matches(keys);
}
