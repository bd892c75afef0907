import type { Reader } from '../cluster/ports.ts';
import { readSetting } from './settings.ts';

/** Sizes that were set live; what is left out is the configuration's. */
export interface PoolOverride {
  readonly min?: number;
  readonly max?: number;
}

export interface PoolLimits {
  readonly min: number;
  readonly max: number;
}

export const poolSetting = 'pool';
export const nodePoolSetting = (nodeId: string): string => `pool:${nodeId}`;

/** What was set for all nodes and for this one. */
export interface PoolOverrides {
  readonly cluster: PoolOverride | null;
  readonly node: PoolOverride | null;
}

export async function poolOverrides(db: Reader, nodeId: string): Promise<PoolOverrides> {
  return { cluster: overrideOf(await readSetting(db, poolSetting)), node: overrideOf(await readSetting(db, nodePoolSetting(nodeId))) };
}

/** A stored value as sizes; null for none, and for what a later version may have stored in another shape. */
export function overrideOf(value: unknown): PoolOverride | null {
  if (typeof value !== 'object' || value === null) return null;
  const { min, max } = value as Record<string, unknown>;
  const sizes = { ...(isSize(min) ? { min } : {}), ...(isSize(max) ? { max } : {}) };
  return Object.keys(sizes).length === 0 ? null : sizes;
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}

/** What applies: a node's own sizes before the cluster's before the configuration's; a minimum above the maximum gives way. */
export function effectivePool(configured: PoolLimits, { cluster, node }: PoolOverrides): PoolLimits {
  const max = node?.max ?? cluster?.max ?? configured.max;
  return { min: Math.min(node?.min ?? cluster?.min ?? configured.min, max), max };
}
