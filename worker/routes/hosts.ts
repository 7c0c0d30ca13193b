import { isIPv6, SocketAddress } from 'node:net';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../config/loopback';
import { asItIs } from '../json';
import { throttledLog } from '../telemetry/throttled-log';
import { corsHeaders, preflightHeaders } from './mcp-headers';
import { displayable } from './mcp-log';
import { type HttpRejection, reject } from './mcp-rejection';

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
 * Whom an address stands for, without what is not part of it: Azure's gateways write `ip:port` into X-Forwarded-For, others
 * IPv6 in brackets, and a socket that listens on both kinds shows IPv4 inside IPv6. Of IPv6 the /64, which is what one
 * subscriber has at least (RFC 6177).
 */
export function plainAddress(written: string): string {
  if (plainIpv4.test(written)) return written;
  const address = /^\[(.*)\](:\d+)?$/.exec(written)?.[1] ?? /^([\d.]+):\d+$/.exec(written)?.[1] ?? written;
  const [ipv6 = ''] = address.split('%');
  if (!isIPv6(ipv6)) return address.toLowerCase();
  const canonical = new SocketAddress({ address: ipv6, family: 'ipv6' }).address;
  const ipv4 = /^::ffff:([\d.]+)$/.exec(canonical)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [head = [], tail = []] = canonical.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}

/** What nearly all are, and what there is nothing to take from. */
const plainIpv4 = /^[\d.]+$/;

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

/** The headers of every response. */
export const baseHeaders = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Checks host, origin, method and load: what needs neither a body nor the caller's identity. */
export function sourceCheck(rules: HostRules, isOverloaded: () => boolean, log: FastifyBaseLogger) {
  const isHost = hostCheck(rules);
  const isOrigin = originCheck(rules);
  const refuse = sourceRefusal(log);
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const { host, origin, 'access-control-request-method': requestedMethod } = request.headers;
    request.mcp = {};
    reply.headers(baseHeaders).serializer(asItIs);
    if (!isHost(host)) refuse(reply, foreignHost, host);
    else if (origin !== undefined && !isOrigin(origin)) refuse(reply, foreignOrigin, origin);
    else if (request.method === 'OPTIONS') reply.code(204).headers(preflightHeaders(origin, requestedMethod)).send();
    else {
      // On rejections too, or the page could not read why.
      if (origin !== undefined) reply.headers(corsHeaders(origin));
      if (request.method !== 'POST') reject(reply, methodNotAllowed);
      else if (isOverloaded()) reject(reply, overloaded);
      else done();
    }
  };
}

/** Refuses a source, and tells the operator which variable would admit it: a tunnel or a proxy has a name of its own. */
function sourceRefusal(log: FastifyBaseLogger) {
  let latest: string | undefined;
  const warn = throttledLog(({ key, times }) => {
    log.warn({ found: latest, times }, `refused on /mcp; if it belongs to this server, name it in ${key}`);
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
