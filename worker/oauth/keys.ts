import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** The key set could not be fetched. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/**
 * The keys of an authorization server, fetched lazily. jose 6.2 caches them for 10 minutes and refetches at most every 30 s
 * for an unknown key. The returned function throws KeysUnavailable, or jose's errors about the token.
 * @param timeoutMs the timeout of a fetch
 */
export function keysOf(jwksUri: string, timeoutMs: number): JWTVerifyGetKey {
  const fetchKey = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: timeoutMs });
  let downUntil = 0;
  return async (header, token) => {
    // Otherwise, while there are no keys, every forged token would cause a request to the authorization server.
    if (!fetchKey.fresh && Date.now() < downUntil) throw new KeysUnavailable('Fetching the keys failed a moment ago');
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
