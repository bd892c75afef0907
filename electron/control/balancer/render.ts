import type { BalancerProduct } from '../../contract/index.ts';
import { renderApache } from './apache/render.ts';
import { renderHaproxy } from './haproxy/render.ts';
import type { BalancerModel } from './model.ts';
import { renderNginx } from './nginx/render.ts';

const renderers: Readonly<Record<BalancerProduct, (model: BalancerModel) => string>> = { nginx: renderNginx, haproxy: renderHaproxy, apache: renderApache };

/** What the product is given: the same text for the same model. */
export function render(model: BalancerModel): string {
  return renderers[model.product](model);
}
