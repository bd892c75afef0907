export * from './alerts.ts';
export * from './balancer.ts';
export * from './bulkhead-error.ts';
export * from './cluster.ts';
export * from './credentials.ts';
export * from './error-codes.ts';
export * from './events.ts';
export * from './tasks.ts';
