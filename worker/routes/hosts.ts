import { isLoopback } from '../config/loopback';

/** Who may talk to an endpoint, judged by the headers that browsers and proxies set. */
export interface HostRules {
  /** Names that `Host` may have. Undefined: any. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Names that the host of `Origin` may have. */
  readonly origins: ReadonlySet<string>;
}

/** What the rules are made of. */
export interface HostSources {
  /** The address the server listens on. */
  readonly boundTo: string;
  /** The public address of the endpoint, when there is one. */
  readonly canonicalUrl?: string | undefined;
  /** Further names. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * The names that `Host` and `Origin` may have. On loopback those of loopback, because a web page can point a name of
 * its own at it (CVE-2025-66414); elsewhere the public name. Configured names are added to both.
 */
export function hostRules({ boundTo, canonicalUrl, allowedHosts, allowedOrigins }: HostSources): HostRules {
  const own = isLoopback(boundTo) ? loopbackNames : canonicalUrl === undefined ? [] : [new URL(canonicalUrl).hostname];
  const hosts = [...own, ...allowedHosts.map(plainName)];
  return {
    hosts: hosts.length === 0 ? undefined : new Set(hosts),
    origins: new Set([...own, ...allowedOrigins.map(plainName)]),
  };
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** The name in a configured value: a name, a name with a port, or a URL. */
function plainName(written: string): string {
  return (written.includes('://') ? hostOfUrl(written) : hostOfUrl(`http://${written}`)) ?? written;
}

/** A predicate for `Host` headers. Ports are ignored; a missing header fails when names are asked for. */
export function hostCheck({ hosts }: HostRules): (host: string | undefined) => boolean {
  return hosts === undefined ? () => true : remembering((host) => isOneOf(hosts, hostOfUrl(`http://${host}`)));
}

/** A predicate for `Origin` headers. `null`, the origin of sandboxed pages and files, never passes. */
export function originCheck({ origins }: HostRules): (origin: string) => boolean {
  const check = remembering((origin) => isOneOf(origins, hostOfUrl(origin ?? 'null')));
  return (origin) => check(origin);
}

/**
 * The address of a caller without what is not part of it: Azure's gateways write `ip:port` into X-Forwarded-For, others
 * IPv6 in brackets, and a socket that listens on both kinds shows IPv4 inside IPv6.
 */
export function plainAddress(written: string): string {
  const address = /^\[(.*)\](:\d+)?$/.exec(written)?.[1] ?? /^([\d.]+):\d+$/.exec(written)?.[1] ?? written;
  return address.toLowerCase().replace(/^::ffff:(?=[\d.]+$)/, '');
}

function isOneOf(names: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && names.has(name);
}

function hostOfUrl(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Remembers the last text that passed: nearly all requests carry the same, and parsing a URL costs more than the rest. */
function remembering(check: (text: string | undefined) => boolean): (text: string | undefined) => boolean {
  let last: string | undefined;
  return (text) => {
    if (text !== undefined && text === last) return true;
    if (!check(text)) return false;
    last = text;
    return true;
  };
}
