import type { ContractClient } from '../../electron/contract/index.ts';

/** What is asked before a dangerous action, in plain sentences. */
export interface Question {
  readonly title: string;
  /** what will be done */
  readonly does: readonly string[];
  /** what would break; empty when nothing does */
  readonly breaks: readonly string[];
  /** what is said when nothing breaks; about clients of a cluster when left out */
  readonly harmless?: string;
  readonly confirm: string;
  /** a word that has to be typed first, where the loss cannot be undone */
  readonly typed?: string;
}

/** Something a person may do here. Buttons, menus, shortcuts and the palette all start the same object. */
export interface Action {
  readonly id: string;
  /** what it acts on; its progress and failure are shown there, and one action runs per subject */
  readonly subject: string;
  readonly label: string;
  /** one sentence for tooltips and the palette */
  readonly explanation: string;
  /** "Draining art-1", while it runs */
  readonly progress: string;
  readonly tone: 'normal' | 'primary' | 'danger';
  /** why it cannot be done at present; null when it can */
  readonly blocked: string | null;
  readonly question: Question | null;
  run(client: ContractClient, signal: AbortSignal): Promise<unknown>;
}
