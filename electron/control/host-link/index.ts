/** Kept connections to hosts: what hosts say of themselves, and the ways to nodes that lead through them. */
export type { FactsTarget } from './facts-script.ts';
export type { HostLink } from './host-link.ts';
export { HostLinks } from './host-links.ts';
export type { LinkState } from './link-state.ts';
export type { NodeRoad } from './node-road.ts';
export type { Vitals } from './vitals.ts';
