import type { TestCluster } from '../harness/cluster.ts';

interface Line {
  readonly level?: number;
  readonly msg?: string;
  readonly code?: string;
  readonly status?: number;
  readonly err?: { readonly code?: string; readonly message?: string };
}

/** What the nodes logged as refused or as worth a warning, counted: `n1 12 x 429 OVERLOADED`. For the eyes of whoever reads the run. */
export async function logDigest(cluster: TestCluster): Promise<string[]> {
  const counted = await Promise.all(cluster.nodes.map(async (node) => {
    const counts = new Map<string, number>();
    for (const text of (await node.log()).split('\n')) {
      const line = parsed(text);
      if (line === null || ((line.level ?? 30) < 40 && (line.status ?? 200) < 429)) continue;
      const what = [line.status, line.code, line.msg === 'request' ? undefined : line.msg, line.err?.code, line.err?.message?.slice(0, 120)].filter((part) => part !== undefined).join(' ');
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a).slice(0, 12).map(([what, count]) => `${node.nodeId}  ${String(count)} x ${what}`);
  }));
  return counted.flat();
}

function parsed(text: string): Line | null {
  if (!text.startsWith('{')) return text.trim() === '' ? null : { level: 60, msg: text.slice(0, 200) };
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}
