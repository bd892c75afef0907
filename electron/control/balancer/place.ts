import type { BalancerLayout, BalancerProduct } from '../../contract/index.ts';

/** A product on a host: where its configuration belongs, and how it is asked, checked and told to read it again. */
export interface ProductPlace {
  readonly product: BalancerProduct;
  /** as people know it */
  readonly title: string;
  /** the configuration is this file, or a part of it */
  readonly file: string;
  /** where its host keeps what may be asked for again, each product by itself: where one takes the place of another, the run that has begun the other may still be rolled back */
  readonly keep: string;
  /** lines around our part of a file that is not ours alone; null: the file is ours */
  readonly marks: { readonly begin: string; readonly end: string } | null;
  readonly unit: string;
  /** the process that listens */
  readonly program: string;
  /** a reload lets another process listen in place of the one before, which is how one sees that it was carried out */
  readonly handsOver: boolean;
  /** prints the version */
  readonly version: readonly string[];
  /** tells what is wrong with the configuration that is there */
  readonly check: readonly string[];
  readonly install: string;
  /** boolean of SELinux that lets the product connect to nodes */
  readonly selinux: string;
}

/** By the name of the cluster, which each of its nodes has: another desktop that has adopted it knows it under an id of its own, and finds the same place. */
export function placeOf(product: BalancerProduct, layout: BalancerLayout, clusterName: string): ProductPlace {
  const debian = layout === 'debian';
  const keep = `/var/lib/bulkhead-balancer/${clusterName}/${product}`;
  const install = (name: string): string => (debian ? `apt-get install -y ${name}` : `dnf install -y ${name}`);
  switch (product) {
    case 'nginx':
      return {
        product, keep, title: 'nginx', file: `/etc/nginx/conf.d/bulkhead-${clusterName}.conf`, marks: null, unit: 'nginx.service', program: 'nginx', handsOver: false,
        version: ['nginx', '-v'], check: ['nginx', '-t', '-q'], install: install('nginx'), selinux: 'httpd_can_network_connect',
      };
    case 'haproxy':
      return {
        product, keep, title: 'HAProxy', file: '/etc/haproxy/haproxy.cfg', marks: { begin: `# BEGIN Bulkhead ${clusterName}`, end: `# END Bulkhead ${clusterName}` },
        unit: 'haproxy.service', program: 'haproxy', handsOver: true,
        version: ['haproxy', '-v'], check: ['haproxy', '-c', '-q', '-f', '/etc/haproxy/haproxy.cfg'], install: install('haproxy'), selinux: 'haproxy_connect_any',
      };
    case 'apache': {
      const name = debian ? 'apache2' : 'httpd';
      return {
        product, keep, title: 'Apache httpd', file: `${debian ? '/etc/apache2/sites-enabled' : '/etc/httpd/conf.d'}/bulkhead-${clusterName}.conf`, marks: null,
        unit: `${name}.service`, program: name, handsOver: false,
        version: [name, '-v'], check: ['apachectl', 'configtest'], install: install(name), selinux: 'httpd_can_network_connect',
      };
    }
  }
}
