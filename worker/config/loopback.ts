/** Whether a host is reachable only from this machine. @param host a name or address; IPv6 with or without brackets */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
