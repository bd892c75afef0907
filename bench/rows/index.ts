import type { Row } from '../framework/row.ts';
import { connections } from './connections.ts';
import { getHot100k } from './get-hot-100k.ts';
import { getHot1k } from './get-hot-1k.ts';
import { getLarge } from './get-large.ts';
import { idle } from './idle.ts';
import { npmCi } from './npm-ci.ts';
import { packument } from './packument.ts';
import { put1g } from './put-1g.ts';
import { put1k } from './put-1k.ts';
import { scale } from './scale.ts';
import { threeNodes } from './three-nodes.ts';
import { workers } from './workers.ts';

/** All rows, in the order of the report and of a run: the most telling ones come first, the longest ones last. */
export const rows: readonly Row[] = [getHot1k, put1k, idle, getHot100k, packument, getLarge, threeNodes, workers, connections, put1g, npmCi, scale];
