/** How many labs a machine has room for at the same time. */
const count = 4;

/** One of the places on a machine where a lab can be: names and addresses that no other place has. */
export class LabSlot {
  readonly number: number;

  /** @param number from 1 */
  constructor(number: number) {
    this.number = number;
  }

  get folder(): string {
    return `/run/bulkhead-lab-${this.number}`;
  }

  /** Names of everything that the lab makes begin so; what begins so may be taken away. */
  get prefix(): string {
    return `bhlab${this.number}-`;
  }

  get bridge(): string {
    return `${this.prefix}wire`;
  }

  get subnet(): string {
    return `10.77.${this.number}.0/24`;
  }

  /** this machine, on the wire */
  get gateway(): string {
    return `10.77.${this.number}.1`;
  }

  /** this machine too, for the database alone: a host can be cut from it and still be reached */
  get databaseAddress(): string {
    return `10.77.${this.number}.2`;
  }

  /** @param index from 1 */
  hostAddress(index: number): string {
    return `10.77.${this.number}.${10 + index}`;
  }

  get subnetV6(): string {
    return `${this.#networkV6}::/64`;
  }

  get gatewayV6(): string {
    return `${this.#networkV6}::1`;
  }

  get databaseAddressV6(): string {
    return `${this.#networkV6}::2`;
  }

  /** @param index from 1 */
  hostAddressV6(index: number): string {
    return `${this.#networkV6}::${10 + index}`;
  }

  get #networkV6(): string {
    return `fd77:0:0:${this.number}`;
  }
}

export const slots: readonly LabSlot[] = Array.from({ length: count }, (_, index) => new LabSlot(index + 1));
