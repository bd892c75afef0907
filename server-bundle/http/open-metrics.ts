import { Registry, type RegistryContentType } from 'prom-client';

/** Takes the content type that the library's type parameter would fix for every metric that is ever added. */
interface AnyContentType {
  setContentType(type: RegistryContentType): void;
}

/** Has a registry answer in OpenMetrics 1.0. */
export function asOpenMetrics(registry: Registry): Registry {
  const format: AnyContentType = registry;
  format.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** A registry that answers in OpenMetrics 1.0. */
export function openMetricsRegistry(): Registry {
  return asOpenMetrics(new Registry());
}
