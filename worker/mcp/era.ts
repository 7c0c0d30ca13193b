import { isObject } from '../json';
import { type Era, metaKeys, modernRevision, type RequestMessage } from './protocol';

/** Looks a header up by its lower-case name; the value without white space around it. Absent: undefined. */
export type HeaderLookup = (name: string) => string | undefined;

/**
 * Which era a message speaks. The body decides, the header only confirms: with a modern header alone the message is
 * modern and will be refused for the key it lacks.
 */
export function eraOf(message: RequestMessage, header: HeaderLookup): Era {
  if (isObject(message.params) && isObject(message.params._meta) && metaKeys.protocolVersion in message.params._meta) {
    return 'modern';
  }
  const named = header('mcp-protocol-version');
  // Dates in this form compare as text.
  return named !== undefined && isDate.test(named) && named >= modernRevision ? 'modern' : 'handshake';
}

const isDate = /^\d{4}-\d{2}-\d{2}$/;
