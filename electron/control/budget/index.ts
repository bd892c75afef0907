export { assertRoomForOneMore, explainBudget } from './explain.ts';
