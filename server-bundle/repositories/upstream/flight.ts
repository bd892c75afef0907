import type { Arrival } from './arrival.ts';

/** What is known as soon as upstream has answered. */
export type Landing =
  /** a body is on its way */
  | { readonly kind: 'arriving'; readonly arrival: Arrival }
  /** the repository has what there is to have: look again */
  | { readonly kind: 'settled' }
  | { readonly kind: 'missing' }
  /** upstream could not be asked, or answered nonsense */
  | { readonly kind: 'failed'; readonly error: Error };

/** One fetch that is under way on this node. Neither promise ever rejects. */
export interface Flight {
  readonly landing: Promise<Landing>;
  /** when everything is done: `arriving` means that the body is whole and good, and was not kept */
  readonly end: Promise<Landing>;
}
