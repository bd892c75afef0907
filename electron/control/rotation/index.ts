export { openKey, sealKey } from './key-copy.ts';
export { phaseTitles } from './phases.ts';
export { RotationBook } from './rotation-book.ts';
export { refuseWhileRotating } from './unfinished.ts';
export { places, rotate, rotationProblem, type Rotated, type RotationParts } from './rotation.ts';
