import { summaryOf } from './commit';

const change = (server: string, state: 'new' | 'changed' | 'removed' | 'unchanged') => ({
  path: server,
  server,
  state,
});

test('lists servers in the order add, update, remove', () => {
  expect(summaryOf([change('c', 'removed'), change('b', 'new'), change('a', 'new'), change('d', 'changed')])).toBe(
    'Add a and b; update d; remove c',
  );
});

test('calls a server with new and unchanged files updated, and omits an unchanged one', () => {
  expect(summaryOf([change('a', 'new'), change('a', 'unchanged'), change('b', 'unchanged')])).toBe('Update a');
});

test('counts servers whose names do not fit in a subject line', () => {
  const many = Array.from({ length: 30 }, (_, index) => change(`a-server-of-some-length-${index}`, 'new'));
  expect(summaryOf([...many, change('gone', 'removed')])).toBe('Add 30 servers; remove gone');
});
