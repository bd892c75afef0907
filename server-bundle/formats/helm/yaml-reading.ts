import { FAILSAFE_SCHEMA, load } from 'js-yaml';

/**
 * YAML with every scalar as the text that was written: an appVersion of 1.10 is not 1.1, and a commit of 1e10 is no number. A few aliases are followed;
 * a document that is made of them is refused.
 * @throws what is wrong with it
 */
export function readYaml(text: string): unknown {
  return load(text.replace(/^\uFEFF/, ''), { schema: FAILSAFE_SCHEMA, maxDepth: 40, maxAliases: 50, json: true });
}

/** A mapping; null for anything else. */
export function mappingOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
}
