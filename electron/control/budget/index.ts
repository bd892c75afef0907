export { assertRoomForOneMore, explainBudget, explainHolders } from './explain.ts';
