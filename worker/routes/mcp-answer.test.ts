import { acceptanceOf } from './mcp-answer';

const both = { json: true, stream: true };
const json = { json: true, stream: false };
const stream = { json: false, stream: true };

test.each([
  ['application/json, text/event-stream', both],
  ['text/event-stream,APPLICATION/JSON;q=0.5', both],
  ['*/*', both],
  ['application/json', json],
  ['application/*', json],
  ['text/html, application/json;charset=utf-8', json],
  ['text/event-stream', stream],
  ['application/json;q=0, text/event-stream', stream],
  ['application/json; q=0.000', undefined],
  ['text/html', undefined],
  ['application/jsonl', undefined],
  ['', undefined],
  [undefined, undefined],
])('%p accepts %p', (header, acceptance) => {
  expect(acceptanceOf(header)).toEqual(acceptance);
  expect(acceptanceOf(header)).toEqual(acceptance);
});
