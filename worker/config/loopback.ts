/** Whether a host can be reached from this machine only. @param host a name or address; IPv6 with brackets or without */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
