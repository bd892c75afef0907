const byName = new Intl.Collator('en', { numeric: true });

/** Nodes in the order of their names, numbers counted: a node keeps its place whatever its state. */
export function inOrder<T extends { readonly nodeId: string }>(nodes: readonly T[]): T[] {
  return [...nodes].sort((a, b) => byName.compare(a.nodeId, b.nodeId));
}
