export { limitsOf } from './limits.ts';
export { modelOf, type BalancerModel } from './model.ts';
export { render } from './render.ts';
