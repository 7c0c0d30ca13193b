import { createHmac } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { mint } from '../../testing/exchanges/token';
import { Secret } from '../config/secret';
import { tokenVerifier } from './engine-token';

const now = 1_800_000_000;
const current = 'the-secret-of-today';
const previous = 'the-secret-of-yesterday';
const good = { aud: 'worker', ver: '1' };
const verify = tokenVerifier({ secret: new Secret(current), previousSecret: undefined }, () => now);
const duringRotation = tokenVerifier({ secret: new Secret(current), previousSecret: new Secret(previous) }, () => now);

interface TokenOptions {
  readonly claims?: unknown;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly alg?: string;
  readonly secret?: string;
}

function bearer({ claims = good, header = {}, alg = 'HS256', secret = current }: TokenOptions = {}): string {
  return `Bearer ${mint({ secret, alg, claims, header }, now)}`;
}

test.each<[string, TokenOptions]>([
  ['without exp', {}],
  ['with every claim', { claims: { ...good, exp: now + 1, nbf: now, iat: now, sub: 's', jti: 'j', iss: 'i', x: {} } }],
  ['for several audiences', { claims: { ...good, aud: ['other', 'worker'] } }],
  ['with another typ', { header: { typ: 'at+jwt' } }],
  ['without typ', { header: { typ: null } }],
  ['with a kid', { header: { kid: 'k' } }],
  ['from a clock that is a minute ahead', { claims: { ...good, iat: now + 60, nbf: now + 60 } }],
])('accepts a token %s', (_, options) => {
  expect(verify(bearer(options))).toEqual({ ok: true, usedPrevious: false });
});

test.each(['bearer', 'BEARER', 'Bearer  ', ' Bearer'.trim()])('accepts the scheme %j', (scheme) => {
  expect(verify(bearer().replace('Bearer', scheme)).ok).toBe(true);
});

test.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer    ', 'Basic abc', 'Bearerabc', 'Token x'])(
  'rejects the header %j as not authenticated',
  (header) => {
    expect(verify(header)).toMatchObject({ ok: false, body: JSON.stringify({ detail: 'Not authenticated' }) });
  },
);

test.each<[string, TokenOptions]>([
  ['The specified alg value is not allowed', { alg: 'none' }],
  ['The specified alg value is not allowed', { alg: 'HS384' }],
  ['The specified alg value is not allowed', { alg: 'HS512' }],
  ['The specified alg value is not allowed', { header: { alg: 'RS256' } }],
  ['The specified alg value is not allowed', { header: { alg: null } }],
  ['The specified alg value is not allowed', { header: { alg: ['HS256'] } }],
  ['Unsupported critical extension: b64', { header: { crit: ['b64'], b64: true } }],
  ['Unsupported critical extension: x', { header: { crit: ['x'] }, secret: 'wrong' }],
  ['Unsupported critical extension: []', { header: { crit: [] } }],
  ['Key ID header parameter must be a string', { header: { kid: 5 } }],
  ['Signature verification failed', { secret: 'wrong' }],
  ['Signature verification failed', { secret: previous }],
  ['Signature verification failed', { secret: `${current} ` }],
  ['Invalid payload string: must be a json object', { claims: null }],
  ['Invalid payload string: must be a json object', { claims: [good] }],
  ['Invalid payload string: must be a json object', { claims: 'text' }],
  ['Invalid payload string: must be a json object', { claims: 7 }],
  ['The token is not yet valid (iat)', { claims: { ...good, iat: now + 61 } }],
  ['Issued At claim (iat) must be an integer.', { claims: { ...good, iat: 'now' } }],
  ['The token is not yet valid (nbf)', { claims: { ...good, nbf: now + 61 } }],
  ['Not Before claim (nbf) must be an integer.', { claims: { ...good, nbf: {} } }],
  ['Signature has expired', { claims: { ...good, exp: now } }],
  ['Signature has expired', { claims: { ...good, exp: 0 } }],
  ['Expiration Time claim (exp) must be an integer.', { claims: { ...good, exp: 'soon' } }],
  ['Expiration Time claim (exp) must be an integer.', { claims: { ...good, exp: null } }],
  ['Token is missing the "aud" claim', { claims: { ver: '1' } }],
  ['Token is missing the "aud" claim', { claims: { ...good, aud: '' } }],
  ['Token is missing the "aud" claim', { claims: { ...good, aud: [] } }],
  ["Audience doesn't match", { claims: { ...good, aud: 'workers' } }],
  ["Audience doesn't match", { claims: { ...good, aud: ['x', 'y'] } }],
  ['Invalid claim format in token', { claims: { ...good, aud: { worker: 1 } } }],
  ['Invalid claim format in token', { claims: { ...good, aud: ['worker', 5] } }],
  ['Subject must be a string', { claims: { ...good, sub: 5 } }],
  ['JWT ID must be a string', { claims: { ...good, jti: {} } }],
  ['Unsupported token version: None', { claims: { aud: 'worker' } }],
  ['Unsupported token version: 1', { claims: { ...good, ver: 1 } }],
  ['Unsupported token version: 2', { claims: { ...good, ver: '2' } }],
  // The Python server's order if there are several errors.
  ['Signature verification failed', { claims: { aud: 'x', exp: 0 }, secret: 'wrong' }],
  ['The token is not yet valid (iat)', { claims: { aud: 'x', exp: 0, iat: now + 999 } }],
  ['The token is not yet valid (nbf)', { claims: { aud: 'x', exp: 0, nbf: now + 999 } }],
  ['Signature has expired', { claims: { aud: 'x', exp: now - 1 } }],
  ["Audience doesn't match", { claims: { aud: 'x', ver: 2 } }],
])('rejects with "%s": %j', (reason, options) => {
  expect(verify(bearer(options))).toMatchObject({
    ok: false,
    body: JSON.stringify({ detail: `Invalid token. Error: ${reason}` }),
  });
});

test.each([
  'junk',
  'a.b',
  'a.b.c',
  'a.b.c.d',
  '..',
  `${'x'.repeat(10_000)}`,
  'eyJ.eyJ.',
  '😀.😀.😀',
  '{}',
  'bnVsbA.e30.x',
])('rejects a malformed token without throwing: %j', (token) => {
  expect(verify(`Bearer ${token}`)).toMatchObject({
    ok: false,
    body: expect.stringContaining('Invalid token. Error: '),
  });
});

test('rejects values nested too deep to serialise without throwing', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const segment = (text: string) => Buffer.from(text).toString('base64url');
  const header = segment('{"alg":"HS256"}');
  const signed = `${header}.${segment(`{"aud":"worker","ver":${deep}}`)}`;
  const signature = createHmac('sha256', current).update(signed).digest('base64url');
  const critical = `${segment(`{"alg":"HS256","crit":[${deep}]}`)}.e30.x`;
  expect(verify(`Bearer ${signed}.${signature}`)).toMatchObject({ body: expect.stringContaining('token version: …') });
  expect(verify(`Bearer ${critical}`)).toMatchObject({ body: expect.stringContaining('critical extension: …') });
});

test('rejects a token without segments before reading its header', () => {
  const text = Buffer.from('{"alg":"HS256","crit":["x"]}').toString('base64url');
  expect(verify(`Bearer ${text}A`)).toMatchObject({
    body: JSON.stringify({ detail: 'Invalid token. Error: Not enough segments' }),
  });
});

test('rejects a payload that is not JSON, with and without typ JWT', () => {
  for (const header of [{ alg: 'HS256', typ: 'JWT' }, { alg: 'HS256' }]) {
    const [head = ''] = mint({ secret: current, alg: 'HS256', claims: {}, header }, now).split('.');
    expect(verify(`Bearer ${head}.bm90IGpzb24.x`).ok).toBe(false);
  }
});

test('rejects a token with any single character changed', () => {
  const token = bearer().slice('Bearer '.length);
  // Skips the last character of the signature, which has two unused bits.
  for (let index = 0; index < token.length - 1; index += 1) {
    const altered = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
    expect(verify(`Bearer ${altered}`).ok).toBe(false);
  }
});

test('accepts both secrets during a rotation and reports use of the previous one', () => {
  expect(duringRotation(bearer())).toEqual({ ok: true, usedPrevious: false });
  expect(duringRotation(bearer({ secret: previous }))).toEqual({ ok: true, usedPrevious: true });
  expect(duringRotation(bearer({ secret: previous, claims: { ...good, exp: 1 } }))).toMatchObject({
    body: JSON.stringify({ detail: 'Invalid token. Error: Signature has expired' }),
  });
  expect(duringRotation(bearer({ secret: 'third' }))).toMatchObject({
    body: JSON.stringify({ detail: 'Invalid token. Error: Signature verification failed' }),
  });
});

test('restores the stack trace limit after a refusal', () => {
  const before = Error.stackTraceLimit;
  verify('Bearer junk');
  verify(bearer({ secret: 'wrong' }));
  expect(Error.stackTraceLimit).toBe(before);
});

test('a cached header does not let another one through', () => {
  expect(verify(bearer()).ok).toBe(true);
  expect(verify(bearer({ header: { crit: ['b64'] } })).ok).toBe(false);
  expect(verify(bearer()).ok).toBe(true);
});

describe('a cached token', () => {
  const verifyAt = (times: readonly number[], header: string) => {
    let time = now;
    const verifyNow = tokenVerifier({ secret: new Secret(current), previousSecret: undefined }, () => time);
    return times.map((seconds) => {
      time = seconds;
      return verifyNow(header).ok;
    });
  };

  test('is checked against the clock on each call', () => {
    expect(verifyAt([now, now + 9, now + 10, now + 11], bearer({ claims: { ...good, exp: now + 10 } }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    for (const claim of ['nbf', 'iat']) {
      const early = bearer({ claims: { ...good, [claim]: now + 100 } });
      expect(verifyAt([now, now + 39, now + 40, now], early)).toEqual([false, false, true, false]);
    }
  });

  test('is rejected again with the same body', () => {
    const refused = [bearer({ secret: 'wrong' }), bearer({ header: { crit: ['x'] } }), 'Bearer junk', 'Bearer a.b.c'];
    const once = refused.map((header) => verify(header));
    expect(once.map(({ ok }) => ok)).toEqual([false, false, false, false]);
    expect(refused.map((header) => verify(header))).toEqual(once);
  });

  test('is verified once; a long token or header is verified each time', () => {
    const spy = jest.spyOn(jwt, 'verify');
    const timesVerified = (header: string) => {
      spy.mockClear();
      for (const _ of Array(3)) verify(header);
      return spy.mock.calls.length;
    };
    const unseen = { claims: { ...good, jti: 'verified once' } };
    expect(timesVerified(bearer(unseen))).toBe(1);
    expect(timesVerified(bearer({ ...unseen, secret: 'wrong' }))).toBe(1);
    expect(timesVerified(bearer({ claims: { ...good, note: 'x'.repeat(2000) } }))).toBe(3);
    expect(timesVerified(`Bearer ${' '.repeat(2000)}${bearer({ claims: { ...good, jti: 'blanks' } }).slice(7)}`)).toBe(
      3,
    );
    spy.mockRestore();
  });

  test('reports use of the previous secret on each call', () => {
    const header = bearer({ secret: previous });
    expect([duringRotation(header), duringRotation(header)]).toEqual([
      { ok: true, usedPrevious: true },
      { ok: true, usedPrevious: true },
    ]);
  });

  test('stays valid after many other tokens, even once evicted', () => {
    const long = bearer({ claims: { ...good, note: 'x'.repeat(2000) } });
    for (let index = 0; index < 3000; index += 1) {
      verify(bearer({ secret: 'wrong', claims: { ...good, jti: `${index}` } }));
      if (index % 500 === 0) expect([verify(bearer()).ok, verify(long).ok]).toEqual([true, true]);
    }
  });
});
