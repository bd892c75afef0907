/** Package types whose repositories are served as a registry. */
export const registryPackageTypes: readonly string[] = ['docker', 'oci', 'helmoci'];
