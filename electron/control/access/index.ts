export { explanationOf, groupJson, groupOf, permissionJson, permissionOf, tokenOf, userOf } from './shapes.ts';
