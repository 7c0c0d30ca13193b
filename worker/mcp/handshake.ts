import type { HeaderLookup } from './era';
import { checkParams } from './params';
import { codes, handshakeRevisions, type Rejection, type RequestMessage } from './protocol';

/**
 * The checks of the handshake era. Answers with the refusal, or with nothing when the message may be run.
 * Nothing is remembered from `initialize`, so no request needs one before it.
 */
export function checkHandshake(message: RequestMessage, header: HeaderLookup): Rejection | undefined {
  const { id, method } = message;
  const named = header('mcp-protocol-version');
  if (method !== 'initialize' && named !== undefined && !isHandshakeRevision(named)) {
    const text = `Unsupported protocol version; this server speaks ${handshakeRevisions.join(', ')}`;
    return { status: 400, id, error: { code: codes.invalidRequest, message: text } };
  }
  const error = checkParams(message);
  return error && { status: 200, id, error };
}

/** True for a revision that an `initialize` of this server can settle on. */
export function isHandshakeRevision(revision: string): boolean {
  return handshakeRevisions.includes(revision);
}
