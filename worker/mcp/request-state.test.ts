import fc from 'fast-check';
import { type Binding, maxStateLength, RequestStates } from './request-state';

const binding: Binding = {
  tool: 'Files_Delete',
  args: { path: '/a', deep: { b: 1, a: [2] } },
  caller: ['token', 'ada'],
};
const state = { asked: ['one'], answered: { zero: { action: 'accept', content: { name: 'Ada' } } } };
const states = () => new RequestStates(['the newest secret']);

function sealedBy(maker: RequestStates): string {
  const sealed = maker.sealed(state, binding);
  if (sealed === undefined) throw new Error('The state is too long');
  return sealed;
}

test('a replica with the same secret reads a state, whatever the order of the arguments, and what is in it', () => {
  const sealed = sealedBy(states());
  const args = { deep: { a: [2], b: 1 }, path: '/a' };
  expect(states().opened(sealed, { ...binding, args })).toMatchObject(state);
});

test('while a secret is rotated, replicas read the states of each other', () => {
  const [before, while_] = [new RequestStates(['old']), new RequestStates(['new', 'old'])];
  expect(while_.opened(sealedBy(before), binding)).toMatchObject(state);
  expect(new RequestStates(['new']).opened(sealedBy(while_), binding)).toMatchObject(state);
  expect(new RequestStates(['new']).opened(sealedBy(before), binding)).toBe('changed');
});

test('without a secret the states of a process count in that process alone', () => {
  const [one, other] = [new RequestStates([]), new RequestStates([])];
  const sealed = sealedBy(one);
  expect(other.opened(sealed, binding)).toBe('changed');
  expect(one.opened(sealed, binding)).toMatchObject(state);
});

test.each<[string, Partial<Binding>]>([
  ['caller', { caller: ['token', 'bob'] }],
  ['caller', { caller: ['anybody'] }],
  ['call', { args: { ...(binding.args as object), path: '/b' } }],
  ['call', { args: { path: '/a', deep: { b: 1, a: ['2'] } } }],
  ['call', { tool: 'Files_Move' }],
])('a state for another %s is refused, and still counts for its own', (fault, changes) => {
  const maker = states();
  const sealed = sealedBy(maker);
  expect(maker.opened(sealed, { ...binding, ...changes })).toBe(fault);
  expect(maker.opened(sealed, binding)).toMatchObject(state);
});

test('a state counts once, and not after its time', () => {
  let now = 1_000_000;
  const maker = new RequestStates(['secret'], { now: () => now, lifeMs: 1000 });
  const [used, late] = [sealedBy(maker), sealedBy(maker)];
  now += 999;
  expect(maker.opened(used, binding)).toMatchObject(state);
  expect(maker.opened(used, binding)).toBe('used');
  now += 1;
  expect([maker.opened(used, binding), maker.opened(late, binding)]).toEqual(['expired', 'expired']);
});

test('what is remembered as used is bounded, and the oldest is forgotten first', () => {
  const maker = new RequestStates(['secret'], { rememberedAtMost: 2 });
  const sealed = [1, 2, 3].map(() => sealedBy(maker));
  const open = () => sealed.map((each) => typeof maker.opened(each, binding));
  for (const each of sealed) maker.opened(each, binding);
  expect(maker.opened(sealed[2] ?? '', binding)).toBe('used');
  expect(maker.opened(sealed[1] ?? '', binding)).toBe('used');
  expect(open()[0]).toBe('object');
});

test('a state is no longer than it may be', () => {
  const maker = states();
  const answered = { long: { action: 'accept', content: { text: 'x'.repeat(maxStateLength) } } };
  expect(maker.sealed({ asked: [], answered }, binding)).toBeUndefined();
});

test('a state with any letter changed, added, cut off or written otherwise is refused', () => {
  const sealed = sealedBy(states());
  const reader = states();
  const letters = fc.constantFrom(...'abcXYZ019-_.=+/ \n\u0000é');
  const changed = fc
    .tuple(fc.nat(sealed.length), fc.nat(3), fc.string({ unit: letters, maxLength: 3 }))
    .map(([at, cut, put]) => sealed.slice(0, at) + put + sealed.slice(at + cut))
    .filter((text) => text !== sealed);
  const known = ['', '.', '..', sealed.slice(0, -1), `${sealed}=`, `${sealed}.`, `${sealed}.x`, ` ${sealed}`];
  fc.assert(
    fc.property(changed, (text) => expect(reader.opened(text, binding)).toBe('changed')),
    { numRuns: 3000, examples: known.map((text) => [text]) },
  );
  expect(reader.opened(sealed, binding)).toMatchObject(state);
});

test('anything at all is no state, and nothing that is given breaks the reader', () => {
  const reader = states();
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.base64String()), fc.jsonValue(), (text, args) => {
      expect(reader.opened(text, { ...binding, args })).toBe('changed');
    }),
    { numRuns: 2000 },
  );
  const deep = JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`);
  expect(reader.opened(sealedBy(reader), { ...binding, args: deep })).toBe('call');
});

test('what is signed for another purpose with the same secret does not count', () => {
  const payload = Buffer.from(sealedBy(states()).split('.')[0] ?? '', 'base64url').toString();
  const other = new RequestStates(['another secret']);
  const [text = '', mac = ''] = sealedBy(other).split('.');
  expect(states().opened(`${text}.${mac}`, binding)).toBe('changed');
  expect(JSON.stringify(JSON.parse(payload))).not.toContain('the newest secret');
});
