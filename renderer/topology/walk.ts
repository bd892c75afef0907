import type { Box } from './layout.ts';

/** Something in the picture that can be walked to and selected. */
export interface Stop { readonly key: string; readonly box: Box }

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

export function isDirection(key: string): key is Direction {
  return key === 'ArrowLeft' || key === 'ArrowRight' || key === 'ArrowUp' || key === 'ArrowDown';
}

const centreX = (box: Box): number => box.x + box.width / 2;
const centreY = (box: Box): number => box.y + box.height / 2;

/** Where an arrow key leads: sideways within a row, up and down to the nearest stop of the next row. Stays put at an edge. */
export function walk(stops: readonly Stop[], from: string, direction: Direction): string {
  const here = stops.find((stop) => stop.key === from);
  if (here === undefined) return stops[0]?.key ?? from;
  const sideways = direction === 'ArrowLeft' || direction === 'ArrowRight';
  const sign = direction === 'ArrowLeft' || direction === 'ArrowUp' ? -1 : 1;
  const sameRow = (box: Box): boolean => Math.abs(centreY(box) - centreY(here.box)) < Math.min(box.height, here.box.height) / 2;
  const candidates = stops.filter((stop) => {
    if (stop.key === from || sameRow(stop.box) !== sideways) return false;
    return sideways ? (centreX(stop.box) - centreX(here.box)) * sign > 0 : (centreY(stop.box) - centreY(here.box)) * sign > 0;
  });
  const distance = (stop: Stop): number => {
    const dx = Math.abs(centreX(stop.box) - centreX(here.box));
    const dy = Math.abs(centreY(stop.box) - centreY(here.box));
    return sideways ? dx : dy * 1000 + dx;
  };
  return candidates.sort((a, b) => distance(a) - distance(b))[0]?.key ?? from;
}
