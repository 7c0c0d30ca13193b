import fc from 'fast-check';
import { type Binding, maxStateLength, RequestStates } from './request-state';

const binding: Binding = {
  tool: 'Files_Delete',
  args: { path: '/a', deep: { b: 1, a: [2] } },
  caller: ['token', 'ada'],
};
const state = { asked: ['one'], answered: { zero: { action: 'accept', content: { name: 'Ada' } } } };
const states = () => new RequestStates(['the newest secret']);

function issuedBy(maker: RequestStates): string {
  const issued = maker.issue(state, binding);
  if (issued === undefined) throw new Error('The state is too long');
  return issued;
}

test('a replica with the same secret reads a state, whatever the order of the arguments', () => {
  const issued = issuedBy(states());
  const args = { deep: { a: [2], b: 1 }, path: '/a' };
  expect(states().redeem(issued, { ...binding, args })).toMatchObject(state);
});

test('during a secret rotation replicas accept the states of each other', () => {
  const [before, during] = [new RequestStates(['old']), new RequestStates(['new', 'old'])];
  expect(during.redeem(issuedBy(before), binding)).toMatchObject(state);
  expect(new RequestStates(['new']).redeem(issuedBy(during), binding)).toMatchObject(state);
  expect(new RequestStates(['new']).redeem(issuedBy(before), binding)).toBe('changed');
});

test('without a secret, states are valid only in the process that issued them', () => {
  const [one, other] = [new RequestStates([]), new RequestStates([])];
  const issued = issuedBy(one);
  expect(other.redeem(issued, binding)).toBe('changed');
  expect(one.redeem(issued, binding)).toMatchObject(state);
});

test.each<[string, Partial<Binding>]>([
  ['caller', { caller: ['token', 'bob'] }],
  ['caller', { caller: ['anybody'] }],
  ['call', { args: { ...(binding.args as object), path: '/b' } }],
  ['call', { args: { path: '/a', deep: { b: 1, a: ['2'] } } }],
  ['call', { tool: 'Files_Move' }],
])('rejects a state issued for another %s, without using it up', (fault, changes) => {
  const maker = states();
  const issued = issuedBy(maker);
  expect(maker.redeem(issued, { ...binding, ...changes })).toBe(fault);
  expect(maker.redeem(issued, binding)).toMatchObject(state);
});

test('accepts a state once, and not after it has expired', () => {
  let now = 1_000_000;
  const maker = new RequestStates(['secret'], { now: () => now, lifeMs: 1000 });
  const [used, late] = [issuedBy(maker), issuedBy(maker)];
  now += 999;
  expect(maker.redeem(used, binding)).toMatchObject(state);
  expect(maker.redeem(used, binding)).toBe('used');
  now += 1;
  expect([maker.redeem(used, binding), maker.redeem(late, binding)]).toEqual(['expired', 'expired']);
});

test('remembers a bounded number of used states and drops the oldest first', () => {
  const maker = new RequestStates(['secret'], { maxUsed: 2 });
  const issued = [1, 2, 3].map(() => issuedBy(maker));
  const open = () => issued.map((each) => typeof maker.redeem(each, binding));
  for (const each of issued) maker.redeem(each, binding);
  expect(maker.redeem(issued[2] ?? '', binding)).toBe('used');
  expect(maker.redeem(issued[1] ?? '', binding)).toBe('used');
  expect(open()[0]).toBe('object');
});

test('issues no state beyond the maximum length', () => {
  const maker = states();
  const answered = { long: { action: 'accept', content: { text: 'x'.repeat(maxStateLength) } } };
  expect(maker.issue({ asked: [], answered }, binding)).toBeUndefined();
});

test('rejects a state with any character changed, added, removed or re-encoded', () => {
  const issued = issuedBy(states());
  const reader = states();
  const letters = fc.constantFrom(...'abcXYZ019-_.=+/ \n\u0000é');
  const changed = fc
    .tuple(fc.nat(issued.length), fc.nat(3), fc.string({ unit: letters, maxLength: 3 }))
    .map(([at, cut, put]) => issued.slice(0, at) + put + issued.slice(at + cut))
    .filter((text) => text !== issued);
  const known = ['', '.', '..', issued.slice(0, -1), `${issued}=`, `${issued}.`, `${issued}.x`, ` ${issued}`];
  fc.assert(
    fc.property(changed, (text) => expect(reader.redeem(text, binding)).toBe('changed')),
    { numRuns: 3000, examples: known.map((text) => [text]) },
  );
  expect(reader.redeem(issued, binding)).toMatchObject(state);
});

test('rejects fuzzed states and arguments without throwing', () => {
  const reader = states();
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.base64String()), fc.jsonValue(), (text, args) => {
      expect(reader.redeem(text, { ...binding, args })).toBe('changed');
    }),
    { numRuns: 2000 },
  );
  const deep = JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`);
  expect(reader.redeem(issuedBy(reader), { ...binding, args: deep })).toBe('call');
});

test('rejects a state signed with another secret, and leaks no secret in the payload', () => {
  const payload = Buffer.from(issuedBy(states()).split('.')[0] ?? '', 'base64url').toString();
  const other = new RequestStates(['another secret']);
  const [text = '', mac = ''] = issuedBy(other).split('.');
  expect(states().redeem(`${text}.${mac}`, binding)).toBe('changed');
  expect(JSON.stringify(JSON.parse(payload))).not.toContain('the newest secret');
});
