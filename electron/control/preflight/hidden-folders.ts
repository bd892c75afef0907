/** The service has folders of its own in their place, or none: its unit keeps it from everybody's. */
export const hiddenFolders = ['/home', '/root', '/run/user', '/tmp', '/var/tmp', '/dev', '/proc', '/sys'];

/** Whether a path is a folder, or lies in it. */
export const isIn = (path: string) => (folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
