import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { nodeConfig } from './schema.ts';

const example = parse(await readFile(new URL('../../resources/bulkhead-node.example.yaml', import.meta.url), 'utf8')) as Record<string, unknown>;

/** Dotted paths of all fields that hold no object. */
function leaves(schema: z.core.JSONSchema._JSONSchema, path = ''): string[] {
  if (typeof schema === 'boolean' || schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined), tree);
}

const schemaKeys = leaves(z.toJSONSchema(nodeConfig, { io: 'input' }));

test('is valid', () => {
  expect(nodeConfig.safeParse(example).error).toBeUndefined();
});

test('explains every key of the schema', () => {
  expect(schemaKeys.length).toBeGreaterThan(40);
  expect(schemaKeys.filter((path) => valueAt(example, path) === undefined)).toEqual([]);
});

test('shows the defaults', () => {
  const { node, database, filestore, baseUrl, cluster } = nodeConfig.parse(example);
  const bare = nodeConfig.parse({
    node: { id: node.id, url: node.url }, cluster: { keyFile: cluster.keyFile }, baseUrl,
    database: { host: database.host, name: database.name, user: database.user }, filestore,
  });
  const withoutDefault = new Set(['database.passwordFile', 'database.tls.caFile', 'http.trustedProxies', 'alerts.allowAddresses']);
  const shown = nodeConfig.parse(example);
  for (const path of schemaKeys.filter((key) => !withoutDefault.has(key))) expect([path, valueAt(shown, path)]).toEqual([path, valueAt(bare, path)]);
});
