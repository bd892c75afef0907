/**
 * Connections that the system keeps for a server that has not got round to them; Linux keeps no more than `net.core.somaxconn` (4096). With Node's own 511
 * a rush of clients that begin anew overflows it as soon as the process is busy, and who is left over, a balancer that asks for the health among them, tries
 * again after 1, 3, 7, 15 and 31 seconds.
 */
export const backlog = 4096;
