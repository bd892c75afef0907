export { auditOf, auditQuery } from './audit.ts';
export { explanationOf, groupJson, groupOf, permissionJson, permissionOf, tokenOf, userOf } from './shapes.ts';
