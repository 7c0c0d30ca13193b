import { createHmac } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { mint } from '../../testing/exchanges/token';
import { Secret } from '../config/secret';
import { tokenJudge } from './engine-token';

const now = 1_800_000_000;
const current = 'the-secret-of-today';
const previous = 'the-secret-of-yesterday';
const good = { aud: 'worker', ver: '1' };
const judge = tokenJudge({ secret: new Secret(current), previousSecret: undefined }, () => now);
const duringRotation = tokenJudge({ secret: new Secret(current), previousSecret: new Secret(previous) }, () => now);

interface Made {
  readonly claims?: unknown;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly alg?: string;
  readonly secret?: string;
}

function bearer({ claims = good, header = {}, alg = 'HS256', secret = current }: Made = {}): string {
  return `Bearer ${mint({ secret, alg, claims, header }, now)}`;
}

test.each<[string, Made]>([
  ['without exp', {}],
  ['with every claim', { claims: { ...good, exp: now + 1, nbf: now, iat: now, sub: 's', jti: 'j', iss: 'i', x: {} } }],
  ['for several audiences', { claims: { ...good, aud: ['other', 'worker'] } }],
  ['under another typ', { header: { typ: 'at+jwt' } }],
  ['without typ', { header: { typ: null } }],
  ['with a kid', { header: { kid: 'k' } }],
  ['of a clock that is a minute ahead', { claims: { ...good, iat: now + 60, nbf: now + 60 } }],
])('a token %s is accepted', (_, made) => {
  expect(judge(bearer(made))).toEqual({ ok: true, usedPrevious: false });
});

test.each(['bearer', 'BEARER', 'Bearer  ', ' Bearer'.trim()])('the scheme may be written %j', (scheme) => {
  expect(judge(bearer().replace('Bearer', scheme)).ok).toBe(true);
});

test.each([undefined, '', 'Bearer', 'Bearer ', 'Bearer    ', 'Basic abc', 'Bearerabc', 'Token x'])(
  'the header %j carries no token',
  (header) => {
    expect(judge(header)).toMatchObject({ ok: false, body: JSON.stringify({ detail: 'Not authenticated' }) });
  },
);

test.each<[string, Made]>([
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
  // The order of the reference, where several things are wrong.
  ['Signature verification failed', { claims: { aud: 'x', exp: 0 }, secret: 'wrong' }],
  ['The token is not yet valid (iat)', { claims: { aud: 'x', exp: 0, iat: now + 999 } }],
  ['The token is not yet valid (nbf)', { claims: { aud: 'x', exp: 0, nbf: now + 999 } }],
  ['Signature has expired', { claims: { aud: 'x', exp: now - 1 } }],
  ["Audience doesn't match", { claims: { aud: 'x', ver: 2 } }],
])('refused with "%s": %j', (reason, made) => {
  expect(judge(bearer(made))).toMatchObject({
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
])('what is no token is refused, not thrown: %j', (token) => {
  expect(judge(`Bearer ${token}`)).toMatchObject({
    ok: false,
    body: expect.stringContaining('Invalid token. Error: '),
  });
});

test('what is nested deeper than JSON can be written is refused, not thrown', () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const segment = (text: string) => Buffer.from(text).toString('base64url');
  const header = segment('{"alg":"HS256"}');
  const signed = `${header}.${segment(`{"aud":"worker","ver":${deep}}`)}`;
  const signature = createHmac('sha256', current).update(signed).digest('base64url');
  const critical = `${segment(`{"alg":"HS256","crit":[${deep}]}`)}.e30.x`;
  expect(judge(`Bearer ${signed}.${signature}`)).toMatchObject({ body: expect.stringContaining('token version: …') });
  expect(judge(`Bearer ${critical}`)).toMatchObject({ body: expect.stringContaining('critical extension: …') });
});

test('a token without segments is refused for that, whatever its text says', () => {
  const text = Buffer.from('{"alg":"HS256","crit":["x"]}').toString('base64url');
  expect(judge(`Bearer ${text}A`)).toMatchObject({
    body: JSON.stringify({ detail: 'Invalid token. Error: Not enough segments' }),
  });
});

test('a payload that is not JSON is refused, whether or not the header says JWT', () => {
  for (const header of [{ alg: 'HS256', typ: 'JWT' }, { alg: 'HS256' }]) {
    const [head = ''] = mint({ secret: current, alg: 'HS256', claims: {}, header }, now).split('.');
    expect(judge(`Bearer ${head}.bm90IGpzb24.x`).ok).toBe(false);
  }
});

test('one altered character anywhere ends the validity of a token', () => {
  const token = bearer().slice('Bearer '.length);
  // The last character of a signature carries two bits that mean nothing, so it is left alone.
  for (let index = 0; index < token.length - 1; index += 1) {
    const altered = `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
    expect(judge(`Bearer ${altered}`).ok).toBe(false);
  }
});

test('while a rotation is under way both secrets are good, and use of the old one is told', () => {
  expect(duringRotation(bearer())).toEqual({ ok: true, usedPrevious: false });
  expect(duringRotation(bearer({ secret: previous }))).toEqual({ ok: true, usedPrevious: true });
  expect(duringRotation(bearer({ secret: previous, claims: { ...good, exp: 1 } }))).toMatchObject({
    body: JSON.stringify({ detail: 'Invalid token. Error: Signature has expired' }),
  });
  expect(duringRotation(bearer({ secret: 'third' }))).toMatchObject({
    body: JSON.stringify({ detail: 'Invalid token. Error: Signature verification failed' }),
  });
});

test('the limit of stack traces is what it was before, also after a refusal', () => {
  const before = Error.stackTraceLimit;
  judge('Bearer junk');
  judge(bearer({ secret: 'wrong' }));
  expect(Error.stackTraceLimit).toBe(before);
});

test('a remembered header does not let another one through', () => {
  expect(judge(bearer()).ok).toBe(true);
  expect(judge(bearer({ header: { crit: ['b64'] } })).ok).toBe(false);
  expect(judge(bearer()).ok).toBe(true);
});

describe('a token that comes again', () => {
  const judgeAt = (times: readonly number[], header: string) => {
    let time = now;
    const judged = tokenJudge({ secret: new Secret(current), previousSecret: undefined }, () => time);
    return times.map((seconds) => {
      time = seconds;
      return judged(header).ok;
    });
  };

  test('is judged by the time each time', () => {
    expect(judgeAt([now, now + 9, now + 10, now + 11], bearer({ claims: { ...good, exp: now + 10 } }))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    for (const claim of ['nbf', 'iat']) {
      const early = bearer({ claims: { ...good, [claim]: now + 100 } });
      expect(judgeAt([now, now + 39, now + 40, now], early)).toEqual([false, false, true, false]);
    }
  });

  test('is refused again for what never changes, in the same words', () => {
    const refused = [bearer({ secret: 'wrong' }), bearer({ header: { crit: ['x'] } }), 'Bearer junk', 'Bearer a.b.c'];
    const once = refused.map((header) => judge(header));
    expect(once.map(({ ok }) => ok)).toEqual([false, false, false, false]);
    expect(refused.map((header) => judge(header))).toEqual(once);
  });

  test('is verified once, unless it or the blanks around it are long', () => {
    const verify = jest.spyOn(jwt, 'verify');
    const timesVerified = (header: string) => {
      verify.mockClear();
      for (const _ of Array(3)) judge(header);
      return verify.mock.calls.length;
    };
    const unseen = { claims: { ...good, jti: 'verified once' } };
    expect(timesVerified(bearer(unseen))).toBe(1);
    expect(timesVerified(bearer({ ...unseen, secret: 'wrong' }))).toBe(1);
    expect(timesVerified(bearer({ claims: { ...good, note: 'x'.repeat(2000) } }))).toBe(3);
    expect(timesVerified(`Bearer ${' '.repeat(2000)}${bearer({ claims: { ...good, jti: 'blanks' } }).slice(7)}`)).toBe(
      3,
    );
    verify.mockRestore();
  });

  test('tells each time that it was signed with the previous secret', () => {
    const header = bearer({ secret: previous });
    expect([duringRotation(header), duringRotation(header)]).toEqual([
      { ok: true, usedPrevious: true },
      { ok: true, usedPrevious: true },
    ]);
  });

  test('is good however many others came in between, remembered or not', () => {
    const long = bearer({ claims: { ...good, note: 'x'.repeat(2000) } });
    for (let index = 0; index < 3000; index += 1) {
      judge(bearer({ secret: 'wrong', claims: { ...good, jti: `${index}` } }));
      if (index % 500 === 0) expect([judge(bearer()).ok, judge(long).ok]).toEqual([true, true]);
    }
  });
});
