/** Certificates of hosts, by authorities that known_hosts names. */
export { certificateProblem, type HostCertificate } from './host-certificate.ts';
export { lookForCertificate, type CertificateLook } from './look-for-certificate.ts';
