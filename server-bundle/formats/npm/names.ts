/** Names that would hide something else of a registry or of Node.js. */
const reserved = new Set(['node_modules', 'favicon.ico']);
const maxLength = 214;

/**
 * Whether a package may have this name, by the rules that npm applies to new ones (validate-npm-package-name): lower case, URL-safe, no
 * leading dot or underscore, at most 214 characters; a scope and a name at most.
 */
export function isPackageName(name: string): boolean {
  return isOldPackageName(name) && name === name.toLowerCase() && !/[~'!()*]/.test(name.slice(name.lastIndexOf('/') + 1)) && !reserved.has(name);
}

/** The same by the rules of the registry's early days, for packages that come from elsewhere: upper case and some marks are taken as well. */
export function isOldPackageName(name: string): boolean {
  if (name === '' || name.length > maxLength) return false;
  const scoped = /^@([^/]+)\/([^/]+)$/.exec(name);
  if (scoped === null) return isPart(name) && !name.startsWith('_');
  return isPart(scoped[1] ?? '') && isPart(scoped[2] ?? '');
}

function isPart(text: string): boolean {
  return !text.startsWith('.') && !text.startsWith('-') && text === text.trim() && /^[\w.~'!()*-]+$/.test(text);
}

/** A tag is a word that no version or range could be meant by, and that fits into an address. */
export function isTagName(tag: string, isRange: (text: string) => boolean): boolean {
  return tag.length > 0 && tag.length <= 128 && tag !== '-' && !tag.startsWith('.') && encodeURIComponent(tag) === tag && !isRange(tag);
}
