import { type AuthorizationServer, authorizationServer } from '../../testing/worker/authorization-server';
import { keysTimeoutMs } from '../../testing/worker/mcp-server';
import type { ResourceServerSettings } from '../config/resource-server';
import { tokenCheck } from './access-token';

let issuer: AuthorizationServer;
let settings: ResourceServerSettings;
beforeAll(async () => {
  issuer = await authorizationServer('https://mcp.example.com/mcp');
  settings = {
    canonicalUrl: 'https://mcp.example.com/mcp',
    authorizationServers: [issuer.server],
    scopesSupported: [],
    defaultChallengeScopes: [],
  };
});
afterAll(() => issuer.close());

test('fetches the key set once for 20 tokens with unknown keys, and once more after half a minute', async () => {
  let time = Date.now();
  // jose does not accept a clock.
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => time);
  const check = tokenCheck(settings, { keysTimeoutMs });
  const refuses20 = async () => {
    const before = issuer.fetches();
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => issuer.token({}, { kid: `k${index}` })));
    for (const [index, token] of tokens.entries()) {
      expect(await check(token)).toEqual({ kind: 'refused', refusal: { reason: 'key', found: `k${index}` } });
    }
    return issuer.fetches() - before;
  };
  expect(await refuses20()).toBe(1);
  expect(await refuses20()).toBe(0);
  time += 31_000;
  expect(await refuses20()).toBe(1);
  expect(await check(await issuer.token())).toMatchObject({ kind: 'accepted' });
  clock.mockRestore();
});

test('caches a valid token, but not beyond its expiry', async () => {
  let time = Date.now();
  const check = tokenCheck(settings, { now: () => time, keysTimeoutMs });
  const token = await issuer.token({ exp: Math.floor(time / 1000) + 60 });
  const callerOf = async () => {
    const verdict = await check(token);
    return verdict.kind === 'accepted' ? verdict.caller : verdict;
  };
  const caller = await callerOf();
  expect(caller).toMatchObject({ userId: 'ada' });
  expect(await callerOf()).toBe(caller);
  time += 61_000;
  expect(await callerOf()).not.toBe(caller);
  expect(await callerOf()).toEqual(caller);
  time += 61_000;
  expect(await check(token)).toEqual({ kind: 'refused', refusal: { reason: 'expired' } });
});
