import { attacks, type Target } from './attacks.ts';

/** What one process of attackers is told. */
export interface Assault {
  /** of the attack */
  readonly name: string;
  readonly target: Target;
  readonly connections: number;
}

// until it is killed
if (import.meta.main) {
  const { name, target, connections } = JSON.parse(process.argv[2] ?? '') as Assault;
  await attacks.find((attack) => attack.name === name)?.run(target, connections, new AbortController().signal);
}
