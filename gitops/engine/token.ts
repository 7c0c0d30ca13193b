import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { contract } from '../../worker/contract';
import type { Secret } from '../seal/secret';

const lifetimeSeconds = 60;

/**
 * The Authorization header of an engine: a token signed with the worker secret, valid for a minute. Which claims an engine
 * sends besides `aud` and `ver` is unknown, so this adds only `exp` (arcade-mcp-server 1.26.0).
 */
export function authorizationOf(secret: Secret): string {
  const { algorithm, audience, version } = contract.token;
  const token = jwt.sign({ ver: version }, createSecretKey(secret.reveal()), {
    algorithm,
    audience,
    expiresIn: lifetimeSeconds,
    // With `iat`, a clock slightly ahead of the worker's would issue the token in the future.
    noTimestamp: true,
  });
  return `Bearer ${token}`;
}
