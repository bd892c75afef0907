import type { ClusterSummary, NodeCondition, ObservedState, TopologyNode } from '../../electron/contract/index.ts';

/** Colour family of a state. Always shown together with its word. */
export type Tone = 'ok' | 'warn' | 'bad' | 'unknown' | 'off' | 'neutral';

export interface StateWord {
  readonly word: string;
  readonly tone: Tone;
}

const observedWords: Record<ObservedState, StateWord> = {
  starting: { word: 'starting', tone: 'warn' },
  serving: { word: 'serving', tone: 'ok' },
  draining: { word: 'draining', tone: 'warn' },
  drained: { word: 'drained', tone: 'warn' },
  'no-database': { word: 'no database', tone: 'bad' },
  fenced: { word: 'fenced', tone: 'bad' },
  unreachable: { word: 'unreachable', tone: 'bad' },
  stopped: { word: 'stopped', tone: 'off' },
};

/** A node on a host is known from more than one side, so it can be gone in more than one way. */
const conditionWords: Record<NodeCondition, StateWord> = {
  starting: observedWords.starting,
  serving: observedWords.serving,
  draining: observedWords.draining,
  drained: observedWords.drained,
  fenced: observedWords.fenced,
  'cut-off-from-database': { word: 'no database', tone: 'bad' },
  'host-up-node-down': { word: 'node down', tone: 'bad' },
  'node-silent': { word: 'silent', tone: 'bad' },
  'host-unreachable': { word: 'host unreachable', tone: 'bad' },
  unknown: { word: 'unknown', tone: 'unknown' },
};

/** What is known of a node on a host, as a word. */
export function conditionState(condition: NodeCondition): StateWord {
  return conditionWords[condition];
}

type Judged = Pick<TopologyNode, 'observed' | 'freshness' | 'process' | 'condition'>;

/** Nobody hears of it, or it is not there: what it said last is no figure to show, and its wires are cut. */
export function isGone(node: Judged): boolean {
  return ['stopped', 'unreachable', 'frozen', 'fenced', 'unknown', 'node down', 'silent', 'host unreachable'].includes(nodeState(node).word);
}

/**
 * What to call a node's state. A frozen process outranks what the node last said of itself, and a fact that is
 * too old to trust is "unknown", whatever it was.
 */
export function nodeState(node: Judged): StateWord {
  if (node.process?.state === 'frozen') return { word: 'frozen', tone: 'bad' };
  if (node.process?.state === 'stopped') return { word: 'stopped', tone: 'off' };
  if (node.process?.state === 'starting') return observedWords.starting;
  if (node.condition !== undefined) return conditionState(node.condition);
  if (node.freshness === 'unknown') return { word: 'unknown', tone: 'unknown' };
  return observedWords[node.observed];
}

/** Colour of a cluster's dot in the switcher. */
export function healthTone(health: ClusterSummary['health']): Tone {
  const tones: Record<ClusterSummary['health'], Tone> = { ok: 'ok', warning: 'warn', bad: 'bad', unknown: 'unknown', off: 'off' };
  return tones[health];
}

/** "2 of 3 serving, 1 draining": counts in the order of trouble. */
export function servingSummary(nodes: readonly Judged[]): StateWord {
  const words = nodes.map(nodeState);
  const serving = words.filter(({ word }) => word === 'serving').length;
  const others = new Map<string, number>();
  for (const { word } of words) if (word !== 'serving') others.set(word, (others.get(word) ?? 0) + 1);
  const rest = [...others].map(([word, count]) => `, ${count} ${word}`).join('');
  const tone: Tone = nodes.length === 0 ? 'unknown' : serving === nodes.length ? 'ok' : serving === 0 ? 'bad' : 'warn';
  return { word: nodes.length === 0 ? 'no nodes' : `${serving} of ${nodes.length} serving${rest}`, tone };
}
