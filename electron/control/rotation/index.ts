export { rotate, type Rotated, type RotationParts } from './rotation.ts';
