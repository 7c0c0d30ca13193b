import type { HttpClient } from '../http/http-client';

/** What verification needs from the outside. Tests pass in real parts on loopback addresses. */
export interface World {
  /** At least one. The first is the system's own unless the caller named others. */
  readonly resolvers: readonly NamedResolver[];
  /** The address that all connections go to, whatever DNS says. Undefined: to the addresses of the name. */
  readonly routedTo: string | undefined;
  /** An HTTP client whose connections go to these addresses. */
  connect(addresses: readonly string[]): HttpClient;
  /** A TLS handshake with one address, completed whatever the certificate. Rejects with the system's error. */
  handshake(url: URL, address: string): Promise<Handshake>;
  /** Runs kubectl with these arguments and resolves with what it printed. @throws Problem CLUSTER or TOOL-MISSING */
  kubectl(args: readonly string[]): Promise<string>;
  now(): Date;
  sleep(ms: number): Promise<void>;
}

export interface NamedResolver {
  /** `system`, or its address. */
  readonly name: string;
  /** IPv4 and IPv6 addresses; empty when the name exists without any. Rejects with the resolver's error. */
  addresses(host: string): Promise<readonly string[]>;
  /** The CNAME of a name; undefined when it has none. Rejects with the resolver's error. */
  cname(host: string): Promise<string | undefined>;
}

/** What a TLS handshake showed of the certificate. */
export interface Handshake {
  /** Why the certificate cannot be trusted for the host, as Node names it; undefined when it can. */
  readonly refusal: string | undefined;
  /** The subject's common name, or the first alternative name. */
  readonly subject: string;
  readonly issuer: string;
  readonly notAfter: Date;
}
