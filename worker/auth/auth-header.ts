import { isObject, parsed } from '../json';
import { asText, type Refusal, refusal } from './auth-refusal';

/** Judges what jsonwebtoken does not look at in a header: `crit`, and the type of `kid`. @param segment as it was sent */
export function headerRefusal(segment: string): Refusal | undefined {
  const header = parsed(Buffer.from(segment, 'base64url').toString());
  // Jsonwebtoken's to refuse.
  if (!isObject(header)) return undefined;
  if (header.kid !== undefined && typeof header.kid !== 'string') return badKid;
  if (!('crit' in header)) return undefined;
  const [name = header.crit] = Array.isArray(header.crit) ? header.crit : [];
  return refusal('Unsupported critical extension', `: ${asText(name)}`);
}

const badKid = refusal('Key ID header parameter must be a string');
