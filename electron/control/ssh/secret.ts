import { inspect } from 'node:util';

const printed = '[secret]';

/** A value that must not be seen: whatever prints it, logs it or turns it into JSON gets a placeholder. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one call that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return printed;
  }

  toJSON(): string {
    return printed;
  }

  [inspect.custom](): string {
    return printed;
  }
}
