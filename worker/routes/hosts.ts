import { isIPv6, SocketAddress } from 'node:net';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../config/loopback';
import { passThrough } from '../json';
import { throttledLog } from '../telemetry/throttled-log';
import { corsHeaders, preflightHeaders } from './mcp-headers';
import { displayable } from './mcp-log';
import { type HttpRejection, reject } from './mcp-rejection';

/** The allowed values of the `Host` and `Origin` headers, which browsers and proxies set. */
export interface HostRules {
  /** The allowed host names in `Host`. @default - any */
  readonly hosts: ReadonlySet<string> | undefined;
  /** The allowed host names in `Origin`. */
  readonly origins: ReadonlySet<string>;
}

/** The settings from which the rules are derived. */
export interface HostSources {
  /** The address the server listens on. */
  readonly boundTo: string;
  /** The public URL of the endpoint. @default - none */
  readonly canonicalUrl?: string | undefined;
  /** Additional names. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * Derives the allowed names. On loopback only loopback names, to prevent DNS rebinding (CVE-2025-66414); elsewhere the
 * public name. Configured names are added.
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

/** The host name in a configured value: a name, a name with a port, or a URL. */
function plainName(configured: string): string {
  return (configured.includes('://') ? hostOfUrl(configured) : hostOfUrl(`http://${configured}`)) ?? configured;
}

/** A predicate for `Host` headers. Ignores ports. A missing header fails, unless any host is allowed. */
export function hostCheck({ hosts }: HostRules): (host: string | undefined) => boolean {
  return hosts === undefined ? () => true : cachingLast((host) => isOneOf(hosts, hostOfUrl(`http://${host}`)));
}

/** A predicate for `Origin` headers. Always rejects `null`, the origin of sandboxed pages and files. */
export function originCheck({ origins }: HostRules): (origin: string) => boolean {
  const check = cachingLast((origin) => isOneOf(origins, hostOfUrl(origin ?? 'null')));
  return (origin) => check(origin);
}

/**
 * Normalises a client address. Azure's gateways write `ip:port` into X-Forwarded-For, others write IPv6 in brackets, and
 * dual-stack sockets show IPv4 mapped into IPv6. IPv6 is cut to its /64, the smallest block that a subscriber gets (RFC 6177).
 */
export function plainAddress(raw: string): string {
  if (plainIpv4.test(raw)) return raw;
  const address = /^\[(.*)\](:\d+)?$/.exec(raw)?.[1] ?? /^([\d.]+):\d+$/.exec(raw)?.[1] ?? raw;
  const [ipv6 = ''] = address.split('%');
  if (!isIPv6(ipv6)) return address.toLowerCase();
  const canonical = new SocketAddress({ address: ipv6, family: 'ipv6' }).address;
  const ipv4 = /^::ffff:([\d.]+)$/.exec(canonical)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [head = [], tail = []] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}

/** The most common form, which needs no normalisation. */
const plainIpv4 = /^[\d.]+$/;

function isOneOf(names: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && names.has(name);
}

function hostOfUrl(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Caches the last text that passed: nearly all requests carry the same, and parsing a URL is the main cost. */
function cachingLast(check: (text: string | undefined) => boolean): (text: string | undefined) => boolean {
  let last: string | undefined;
  return (text) => {
    if (text !== undefined && text === last) return true;
    if (!check(text)) return false;
    last = text;
    return true;
  };
}

/** The headers of every response. */
export const baseHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Checks host, origin, method and load: everything that requires neither the body nor the caller's identity. */
export function sourceCheck(rules: HostRules, isOverloaded: () => boolean, log: FastifyBaseLogger) {
  const isHost = hostCheck(rules);
  const isOrigin = originCheck(rules);
  const refuse = sourceRefusal(log);
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { host, origin, 'access-control-request-method': requestedMethod } = request.headers;
    request.mcp = {};
    reply.headers(baseHeaders).serializer(passThrough);
    if (!isHost(host)) refuse(reply, foreignHost, host);
    else if (origin !== undefined && !isOrigin(origin)) refuse(reply, foreignOrigin, origin);
    else if (request.method === 'OPTIONS') reply.code(204).headers(preflightHeaders(origin, requestedMethod)).send();
    else {
      // Also on rejections, so that the page can read the reason.
      if (origin !== undefined) reply.headers(corsHeaders(origin));
      if (request.method !== 'POST') reject(reply, methodNotAllowed);
      else if (isOverloaded()) reject(reply, overloaded);
      else done();
    }
  };
}

/** Rejects a host or origin and logs the variable that would allow it, in case it is the operator's own tunnel or proxy. */
function sourceRefusal(log: FastifyBaseLogger) {
  let latest: string | undefined;
  const warn = throttledLog(({ key, times }) => {
    log.warn({ found: latest, times }, `rejected on /mcp; if this name belongs to the server, add it to ${key}`);
  });
  return (reply: FastifyReply, { variable, ...rejection }: typeof foreignHost, sent: string | undefined): void => {
    latest = `${rejection.refusal} ${displayable(sent ?? 'absent')}`;
    warn(variable);
    reject(reply, { ...rejection, found: sent });
  };
}

const foreignHost = {
  status: 403,
  refusal: 'host',
  message: 'Host is not a name of this server',
  variable: 'MCP_ALLOWED_HOSTS',
};

const foreignOrigin = {
  status: 403,
  refusal: 'origin',
  message: 'Origin is not allowed',
  variable: 'MCP_ALLOWED_ORIGINS',
};

const overloaded: HttpRejection = {
  status: 503,
  refusal: 'overload',
  message: 'This server is overloaded; wait for as long as Retry-After says',
  headers: { 'retry-after': '1' },
};

const methodNotAllowed: HttpRejection = {
  status: 405,
  refusal: 'method',
  message: 'Method not allowed; this server takes POST only',
  headers: { allow: 'POST, OPTIONS' },
};
