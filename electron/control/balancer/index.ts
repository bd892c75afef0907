export { Balancers, type BalancersParts, type Leaving } from './balancers.ts';
export { limitsOf } from './limits.ts';
export { modelOf, type BalancerModel } from './model.ts';
export { planNewBalancer } from './plan-new.ts';
export { render } from './render.ts';
export type { BalancerTarget } from './target.ts';
