import type { Row } from '../framework/row.ts';
import { getHot100k } from './get-hot-100k.ts';
import { getHot1k } from './get-hot-1k.ts';
import { packument } from './packument.ts';
import { put1k } from './put-1k.ts';

/** All rows, in the order of the report. */
export const rows: readonly Row[] = [getHot1k, getHot100k, packument, put1k];
