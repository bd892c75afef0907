export { AlertBook, isOwnMute } from './alert-book.ts';
export { AlertBoard, type WatchedCluster } from './board.ts';
export { isOwn } from './own-alerts.ts';
export { isOwnRule } from './own-conditions.ts';
export { prometheusRules, prometheusRulesFile } from './prometheus-rules.ts';
