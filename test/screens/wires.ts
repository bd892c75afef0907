import type { Page } from 'playwright-core';

/** A wire of the topology as it stands on the screen. */
export interface Wire {
  readonly name: string;
  /** CSS pixels a second that its dashes should travel */
  readonly speed: number;
  readonly cut: boolean;
  /** whether its dashes do travel */
  readonly runs: boolean;
}

/** Evaluated in the page, so it is text: this project's types know no document. */
const readWires = `[...document.querySelectorAll('[data-wire]')].map((wire) => ({
  name: wire.dataset.wire, speed: Number(wire.dataset.speed), cut: wire.dataset.cut === 'true',
  runs: wire.querySelector('.dashes').getAnimations().some(({ playState }) => playState === 'running'),
}))`;

export function wiresOf(page: Page): Promise<Wire[]> {
  return page.evaluate<Wire[]>(readWires);
}
