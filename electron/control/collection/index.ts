export { runCollection } from './run-collection.ts';
