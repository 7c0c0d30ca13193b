import { summaryOf } from './commit';

const change = (server: string, state: 'new' | 'changed' | 'removed' | 'unchanged') => ({
  path: server,
  server,
  state,
});

test('a summary names what happens to each server, in the order add, update, remove', () => {
  expect(summaryOf([change('c', 'removed'), change('b', 'new'), change('a', 'new'), change('d', 'changed')])).toBe(
    'Add a and b; update d; remove c',
  );
});

test('a server with files that stay is updated, not added or removed; one that only stays is not told', () => {
  expect(summaryOf([change('a', 'new'), change('a', 'unchanged'), change('b', 'unchanged')])).toBe('Update a');
});

test('names that do not fit in a subject line are counted', () => {
  const many = Array.from({ length: 30 }, (_, index) => change(`a-server-of-some-length-${index}`, 'new'));
  expect(summaryOf([...many, change('gone', 'removed')])).toBe('Add 30 servers; remove gone');
});
