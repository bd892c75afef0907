import { HotPlace } from '../../repositories/hot-file.ts';
import { plainAddress } from './plain-address.ts';

/** Addresses that are remembered. Those of the last so many, and of as many before them, are found without being read again. */
const most = 8192;

/** What plain addresses name. Two generations: the older one goes when the younger one is full. */
export class HotPlaces {
  #younger = new Map<string, HotPlace>();
  #older = new Map<string, HotPlace>();

  /** Null for an address that is not plain. */
  of(target: string): HotPlace | null {
    const known = this.#younger.get(target);
    if (known !== undefined) return known;
    const before = this.#older.get(target);
    if (before !== undefined) return this.#keep(target, before);
    const named = plainAddress(target);
    return named === null ? null : this.#keep(target, new HotPlace(named.repositoryKey, named.path));
  }

  #keep(target: string, place: HotPlace): HotPlace {
    if (this.#younger.size >= most) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(target, place);
    return place;
  }
}
