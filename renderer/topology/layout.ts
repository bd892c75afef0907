/** Where things stand in the picture. Pure geometry: lengths in CSS pixels, origin at the top left of the stage. */

export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export interface TopologyLayout {
  readonly width: number;
  readonly height: number;
  readonly balancer: Box;
  /** one box for each node, then one for the free place when it was asked for */
  readonly slots: readonly Box[];
  readonly rows: number;
  readonly columns: number;
  /** free width between two columns, where wires of other rows pass */
  readonly columnGap: number;
  readonly busY: number;
  readonly database: Box;
  readonly filestore: Box;
  /** tops of the three captions */
  readonly captions: { readonly balancer: number; readonly nodes: number; readonly shared: number };
  readonly narrow: boolean;
}

export interface LayoutInput {
  readonly width: number;
  readonly height: number;
  readonly nodes: number;
  /** whether the place for one more node is shown behind the last node */
  readonly freePlace: boolean;
  /** CSS pixels of 1/16 rem, so that the picture grows together with the text */
  readonly unit: number;
}

/**
 * How many places a cluster of this size is laid out for. It changes in few steps, so a node that joins takes the
 * free place and none of the others moves.
 */
export function capacityFor(nodes: number, freePlace: boolean): number {
  const places = nodes + (freePlace ? 1 : 0);
  if (places <= 2) return 2;
  if (places <= 4) return places <= 3 && !freePlace ? 3 : 4;
  return places <= 6 ? 6 : 10;
}

const margin = 24;
const gap = 20;
const cardHeight = 180;
const smallestCard = 136;
const smallestInRows = 104;
const largestCard = 248;
const balancerHeight = 62;
const sharedHeight = 164;

/** Lays out three fixed tiers for 1 to 9 nodes. Nodes wrap into two rows where one row would be too narrow to read. */
export function layoutTopology(input: LayoutInput): TopologyLayout {
  const { unit } = input;
  const width = Math.max(input.width, 420 * unit);
  const inner = width - 2 * margin * unit;
  const capacity = capacityFor(input.nodes, input.freePlace);
  const widthIn = (columns: number): number => (inner - gap * unit * (columns - 1)) / columns;
  const rows = widthIn(capacity) >= smallestCard * unit ? 1 : widthIn(Math.ceil(capacity / 2)) >= smallestInRows * unit ? 2 : 3;
  const columns = Math.ceil(capacity / rows);
  const cardWidth = Math.min(largestCard * unit, widthIn(columns));
  const columnGap = columns > 1 ? Math.min(44 * unit, (inner - cardWidth * columns) / (columns - 1)) : 0;
  const rowWidth = cardWidth * columns + columnGap * (columns - 1);
  const left = (width - rowWidth) / 2;

  const usedRows = Math.max(1, Math.ceil((input.nodes + (input.freePlace ? 1 : 0)) / columns));
  const nodesHeight = (usedRows * cardHeight + (usedRows - 1) * gap) * unit;
  const fixed = (44 + balancerHeight + sharedHeight + 28) * unit + nodesHeight;
  const spare = Math.max(0, input.height - fixed);
  const upper = Math.max(52 * unit, Math.min(190 * unit, spare * 0.3));
  const lower = Math.max(64 * unit, Math.min(230 * unit, spare * 0.4));
  const top = 40 * unit + Math.max(0, (spare - upper - lower) * 0.45);

  const nodesTop = top + balancerHeight * unit + upper;
  const slots = Array.from({ length: input.nodes + (input.freePlace ? 1 : 0) }, (_, index): Box => ({
    x: left + (index % columns) * (cardWidth + columnGap),
    y: nodesTop + Math.floor(index / columns) * (cardHeight + gap) * unit,
    width: cardWidth,
    height: cardHeight * unit,
  }));
  const nodesBottom = nodesTop + nodesHeight;
  const sharedTop = nodesBottom + lower;
  const sharedWidth = Math.min(364 * unit, (inner - gap * unit) / 2);
  const sharedGap = Math.max(gap * unit, Math.min(100 * unit, inner - 2 * sharedWidth));
  const sharedLeft = (width - 2 * sharedWidth - sharedGap) / 2;
  const balancerWidth = Math.min(280 * unit, inner);

  return {
    width,
    height: Math.max(input.height, sharedTop + (sharedHeight + 20) * unit),
    balancer: { x: (width - balancerWidth) / 2, y: top, width: balancerWidth, height: balancerHeight * unit },
    slots,
    rows: usedRows,
    columns,
    columnGap,
    busY: nodesBottom + Math.min(30 * unit, lower * 0.4),
    database: { x: sharedLeft, y: sharedTop, width: sharedWidth, height: sharedHeight * unit },
    filestore: { x: sharedLeft + sharedWidth + sharedGap, y: sharedTop, width: sharedWidth, height: sharedHeight * unit },
    captions: { balancer: top - 24 * unit, nodes: nodesTop - 24 * unit, shared: sharedTop - 24 * unit },
    narrow: cardWidth < 170 * unit,
  };
}

const centre = (box: Box): number => box.x + box.width / 2;

/** No wire leaves the picture, however narrow its edge is. */
const inside = (layout: TopologyLayout, x: number): number => Math.max(8, Math.min(layout.width - 8, x));

/** Wires of other rows keep this far from the middle of the gap: one lane down to the nodes, one down to the bus. */
const lane = (layout: TopologyLayout): number => Math.min(5, layout.columnGap / 5);

/**
 * The path from the balancer to a node: leaves straight down, arrives straight from above. Nodes of a lower row are
 * reached through the gap to the left of their column, so that no wire passes behind another node.
 */
export function wireToNode(layout: TopologyLayout, slot: number): string {
  const from = layout.balancer;
  const to = layout.slots[slot] ?? from;
  const first = layout.slots[slot % layout.columns] ?? to;
  const startY = from.y + from.height;
  const inFirstRow = slot < layout.columns;
  const targetX = inFirstRow ? centre(to) : inside(layout, to.x - Math.max(16, layout.columnGap) / 2 - lane(layout));
  const reach = (first.y - startY) * 0.55;
  const arrival = `M${centre(from)} ${startY}C${centre(from)} ${startY + reach} ${targetX} ${first.y - reach} ${targetX} ${first.y}`;
  if (inFirstRow) return arrival;
  const turn = to.y - 10;
  return `${arrival}V${turn - 6}Q${targetX} ${turn} ${targetX + 6} ${turn}H${centre(to) - 6}Q${centre(to)} ${turn} ${centre(to)} ${to.y}`;
}

/** From a node down to the bus that database and filestore hang on; through the gap to its right where a row is below. */
export function wireToBus(layout: TopologyLayout, slot: number): string {
  const node = layout.slots[slot];
  if (node === undefined) return '';
  const bottom = node.y + node.height;
  if (layout.slots[slot + layout.columns] === undefined) return `M${centre(node)} ${bottom}V${layout.busY}`;
  const gapX = inside(layout, node.x + node.width + Math.max(16, layout.columnGap) / 2 + lane(layout));
  const turn = bottom + 8;
  return `M${centre(node)} ${bottom}Q${centre(node)} ${turn} ${centre(node) + 6} ${turn}H${gapX - 6}Q${gapX} ${turn} ${gapX} ${turn + 6}V${layout.busY}`;
}

/** From the bus to a shared part. */
export function wireFromBus(busX: number, busY: number, to: Box): string {
  const reach = (to.y - busY) * 0.6;
  return `M${busX} ${busY}C${busX} ${busY + reach} ${centre(to)} ${to.y - reach} ${centre(to)} ${to.y}`;
}

/** Both ends of the bus, and where the two shared parts leave it. */
export function busOf(layout: TopologyLayout, nodes: number): { from: number; to: number; database: number; filestore: number } {
  const used = layout.slots.slice(0, Math.max(1, nodes)).map((slot, index) => (layout.slots[index + layout.columns] === undefined ? centre(slot) : inside(layout, slot.x + slot.width + Math.max(16, layout.columnGap) / 2 + lane(layout))));
  const database = centre(layout.database);
  const filestore = centre(layout.filestore);
  return { from: Math.min(database, ...used), to: Math.max(filestore, ...used), database, filestore };
}
