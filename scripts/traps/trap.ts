/** A change of the sources that takes a rule out. */
export interface Removal {
  readonly file: string;
  /** text that is there once */
  readonly find: string;
  readonly replace: string;
}

/** A test, by where it is and how its name begins (of one in a group: group and name). */
export interface TestOf {
  readonly file: string;
  readonly name: string;
}

/** An interleaving that breaks a cluster such as this one, and what keeps it from happening. */
export interface Trap {
  readonly number: number;
  readonly happens: string;
  readonly rule: string;
  /** each of them fails when the rule is taken out */
  readonly tests: readonly TestOf[];
  readonly removal: readonly Removal[];
}
