import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** The key set could not be had. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/**
 * The keys of an authorization server, fetched when needed. jose 6.2 keeps them for 10 minutes and fetches at most every
 * 30 s for a key it does not know. The function it gives throws KeysUnavailable, or jose's errors about the token.
 * @param timeoutMs how long the key set may take to come
 */
export function keysOf(jwksUri: string, timeoutMs: number): JWTVerifyGetKey {
  const fetchKey = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: timeoutMs });
  let downUntil = 0;
  return async (header, token) => {
    // Without keys every forged token would be a request to the authorization server.
    if (!fetchKey.fresh && Date.now() < downUntil) throw new KeysUnavailable('The keys were out of reach a moment ago');
    try {
      return await fetchKey(header, token);
    } catch (error) {
      const isAboutToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      if (isAboutToken) throw error;
      downUntil = Date.now() + downMs;
      throw new KeysUnavailable('Cannot fetch the keys of the authorization server', { cause: error });
    }
  };
}

const downMs = 2000;
