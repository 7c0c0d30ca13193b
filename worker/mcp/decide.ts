import { isObject } from '../json';
import { eraOf, type HeaderLookup } from './era';
import { checkHandshake } from './handshake';
import { readMessage } from './message';
import { checkModern } from './modern';
import { assumedRevision, type Era, type Members, metaKeys, type Rejection } from './protocol';
import type { McpService } from './service';

/** What is to be done with a posted message. */
export type Decision =
  /** Accept it and run nothing: a notification, or a response to a question nobody asked. */
  | { readonly kind: 'ignore'; readonly method: string | undefined }
  | { readonly kind: 'reject'; readonly rejection: Rejection; readonly request: Spoken | undefined }
  | { readonly kind: 'run'; readonly request: Spoken };

/** A request and how it is spoken. */
export interface Spoken {
  readonly id: string | number;
  readonly method: string;
  readonly params: Members;
  readonly era: Era;
  /** The revision of the protocol, as far as the request says. */
  readonly revision: string;
  /** What the client says of itself, if it does. */
  readonly clientInfo: unknown;
}

/**
 * Decides what to do with a body, from what it says alone.
 * @param header - undefined on a transport that has no headers
 */
export function decide(body: unknown, header: HeaderLookup | undefined, service: McpService): Decision {
  const reading = readMessage(body);
  if (reading.kind === 'ignored') return { kind: 'ignore', method: reading.method };
  if (reading.kind === 'rejected') return { kind: 'reject', rejection: reading.rejection, request: undefined };

  const { message } = reading;
  const era = eraOf(message, header ?? noHeaders);
  const rejection =
    era === 'modern' ? checkModern(message, header, service) : checkHandshake(message, header ?? noHeaders);
  const params: Members = isObject(message.params) ? message.params : {};
  const meta: Members = isObject(params._meta) ? params._meta : {};
  const { id, method } = message;
  const named =
    era === 'modern' ? meta[metaKeys.protocolVersion] : (header?.('mcp-protocol-version') ?? params.protocolVersion);
  const request: Spoken = {
    id,
    method,
    params,
    era,
    revision: typeof named === 'string' ? named : assumedRevision,
    clientInfo: era === 'modern' ? meta[metaKeys.clientInfo] : params.clientInfo,
  };
  return rejection ? { kind: 'reject', rejection, request } : { kind: 'run', request };
}

const noHeaders: HeaderLookup = () => undefined;
