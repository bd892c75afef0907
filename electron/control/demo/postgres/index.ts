export { type InitialDatabase } from './initialize.ts';
export { PostgresServer } from './server.ts';
