/** Why a token is refused. */
export interface Refusal {
  readonly ok: false;
  /** Without anything the caller wrote: for logs and counters. */
  readonly reason: string;
  /**
   * The answer, with the reference's text word for word (arcade-mcp-server 1.26.0): made with the refusal, because most
   * refusals are made once and told often.
   */
  readonly body: string;
}

/** @param remark what the text goes on with, out of the token itself */
export function refusal(reason: string, remark = ''): Refusal {
  return refusalOf(reason, `Invalid token. Error: ${reason}${remark}`);
}

/** Somebody who has brought no token at all. */
export const notAuthenticated = refusalOf('Not authenticated', 'Not authenticated');

function refusalOf(reason: string, detail: string): Refusal {
  return { ok: false, reason, body: JSON.stringify({ detail }) };
}

/** A value out of a token, for a remark. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // A token may nest deeper than JSON can be written.
    return '…';
  }
}
